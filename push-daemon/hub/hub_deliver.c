/* From workers' frames to sockets: the window, fan-out, replay, healing. */
#include "hub_internal.h"

#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "delivery.h"
#include "frame_head.h"
#include "hub_log.h"
#include "json.h"
#include "mem.h"
#include "sio_message.h"

#define RECENT_DEADLINE_MS 4000
#define SYNC_SPREAD_MS 5000
#define ROOMS_TEXT_MAX (FRAME_ROOMS_MAX * (FRAME_ROOM_MAX + 1))

/* Who is in several rooms of a fan-out is met once. */
struct fan_out {
	uint64_t stamp;
	struct sio_message *const *messages;
	size_t count;
};

static void send_all(void *owner, void *user)
{
	struct client *client = owner;
	const struct fan_out *fan_out = user;

	if (client->stamp == fan_out->stamp)
		return;
	client->stamp = fan_out->stamp;
	client_ref(client);
	for (size_t i = 0; i < fan_out->count; i++)
		hub_send(client, fan_out->messages[i], false);
	client_unref(client);
}

static void deliver_event(struct hub *hub, const struct delivery *delivery)
{
	struct fan_out fan_out = {++hub->stamp, delivery->messages,
				  delivery->message_count};

	for (size_t i = 0; i < delivery->room_count; i++)
		sio_room_each(hub->rooms, delivery->rooms[i], send_all,
			      &fan_out);
}

static void move_user(struct hub *hub, const struct delivery *delivery)
{
	struct user *user = map_get(&hub->users, delivery->user);
	struct client *client;

	if (user == NULL)
		return;
	TAILQ_FOREACH (client, &user->clients, of_user) {
		if (delivery->kind == NOTIFY_JOIN)
			sio_room_join(hub->rooms, delivery->rooms[0],
				      &client->member);
		else
			sio_room_leave(hub->rooms, delivery->rooms[0],
				       &client->member);
	}
}

static void revoke(struct hub *hub, const struct delivery *delivery)
{
	const struct hub_ending ending = {
		.user_id = delivery->user,
		.sid = delivery->sid,
		.except = delivery->except,
		.reason =
			delivery->reason != NULL ? delivery->reason : "revoked",
	};

	hub_end_sessions(hub, &ending);
}

static void settings(struct hub *hub, const struct delivery *delivery)
{
	hub_settings(hub, delivery->user, delivery->status_text,
		     delivery->last_seen_ms);
}

static const struct {
	void (*deliver)(struct hub *hub, const struct delivery *delivery);
	const char *done; /* for the log */
} kinds[] = {
	[NOTIFY_EVENT] = {deliver_event, "delivered"},
	[NOTIFY_JOIN] = {move_user, "joined"},
	[NOTIFY_LEAVE] = {move_user, "left"},
	[NOTIFY_REVOKE] = {revoke, "revoked"},
	[NOTIFY_SETTINGS] = {settings, "set"},
};

/* Two users' rooms in an event of a conversation: they have one together. */
static void meet(struct hub *hub, const struct frame_head *head)
{
	const char *first = NULL;

	if (head->conversation == NULL)
		return;
	for (size_t i = 0; i < head->room_count; i++) {
		const char *id = head->rooms[i] + 2;

		if (strncmp(head->rooms[i], "u:", 2) != 0 || !id_valid(id))
			continue;
		if (first != NULL)
			hub_contact(hub, first, id);
		first = id;
	}
}

static bool is_new(struct hub *hub, const struct frame_head *head)
{
	bool message = head->seq > 0;
	struct buf rooms;

	if (head->seq == 0 && head->change == 0)
		return true;
	buf_init(&rooms, ROOMS_TEXT_MAX);
	for (size_t i = 0; i < head->room_count; i++)
		buf_addf(&rooms, "%s%s", i > 0 ? " " : "", head->rooms[i]);

	enum window_verdict verdict = window_table_enter(
		hub->windows, head->conversation,
		message ? WINDOW_MESSAGES : WINDOW_CHANGES,
		message ? head->seq : head->change, rooms.data,
		hub->config.mono_ms(), hub->config.wall_ms());

	buf_done(&rooms);
	return verdict == WINDOW_NEW;
}

static bool admit_event(struct hub *hub, const struct frame_head *head,
			enum hub_source source)
{
	bool counted = head->seq > 0 || head->change > 0;

	if (!is_new(hub, head)) {
		hub->stats.seen_before++;
		hub_log_frame("seen before", head, 0);
		return false;
	}
	hub->stats.healed += source == HUB_RECENT && counted;
	meet(hub, head);
	if (head->from != NULL && head->conversation != NULL)
		typing_stop(hub->typing, head->from, head->conversation);
	return true;
}

/* Now is when it came, for those whose session is being looked up. */
void hub_deliver(struct delivery *delivery, void *user)
{
	struct hub *hub = user;

	delivery->wall_ms = hub->config.wall_ms();
	kinds[delivery->kind].deliver(hub, delivery);
	ring_take(hub->ring, delivery);
}

/* False: a receipt that waits, or says nothing new. Takes delivery. */
static bool pass_on(struct hub *hub, const struct frame_head *head,
		    struct delivery *delivery)
{
	const struct receipt receipt = {
		.kind = head->read > 0 ? RECEIPT_READ : RECEIPT_RECEIVED,
		.conversation = head->conversation,
		.user = head->user,
		.seq = head->read > 0 ? head->read : head->received,
	};

	if (receipt.seq > 0)
		return receipts_take(hub->receipts, &receipt, delivery,
				     hub->config.mono_ms());
	hub_deliver(delivery, hub);
	return true;
}

/* Takes delivery. */
static void take_delivery(struct hub *hub, const struct frame_head *head,
			  struct delivery *delivery)
{
	uint64_t before = hub->stats.delivered;
	const char *done = kinds[delivery->kind].done;
	bool told = pass_on(hub, head, delivery);

	hub_log_frame(told ? done : "held back", head,
		      hub->stats.delivered - before);
}

bool hub_frame(struct hub *hub, const struct notify_frame *frame,
	       enum hub_source source)
{
	struct notify_parts parts;
	struct frame_head head;
	bool good;

	if (frame->kind >= COUNT_OF(kinds) ||
	    kinds[frame->kind].deliver == NULL)
		return true;
	notify_frame_split(frame, &parts);
	good = frame_head_read(&head, frame->kind, parts.head, parts.head_len);
	hub->stats.frames++;
	if (good &&
	    (frame->kind != NOTIFY_EVENT || admit_event(hub, &head, source)))
		take_delivery(hub, &head,
			      delivery_new(frame->kind, &head, parts.payload,
					   parts.payload_len,
					   hub->config.wall_ms()));
	frame_head_done(&head);
	return good;
}

/* ---- replay: what came while a client's session was looked up ---- */

static bool concerns(const struct client *client,
		     const struct delivery *delivery)
{
	struct hub *hub = client->hub;

	if (delivery->kind != NOTIFY_EVENT)
		return strcmp(delivery->user, client->user->id) == 0;
	for (size_t i = 0; i < delivery->room_count; i++) {
		if (sio_room_has(hub->rooms, delivery->rooms[i],
				 &client->member))
			return true;
	}
	return false;
}

static void replay_one(const struct delivery *delivery, void *user)
{
	struct client *client = user;

	if (client->state != CLIENT_READY || !concerns(client, delivery))
		return;
	if (delivery->kind != NOTIFY_EVENT) {
		kinds[delivery->kind].deliver(client->hub, delivery);
		return;
	}
	for (size_t i = 0; i < delivery->message_count; i++)
		hub_send(client, delivery->messages[i], false);
}

void hub_replay(struct hub *hub, struct client *client, int64_t as_of)
{
	client_ref(client);
	if (!ring_replay(hub->ring, as_of, replay_one, client)) {
		/* A REVOKE may be among what is not there any more. */
		hub_session_check(hub, client);
		hub_send(client, hub->sync_message, false);
	}
	client_unref(client);
}

/* ---- sync: fetch for yourselves ---- */

void hub_lost(const char *rooms, void *user)
{
	struct hub *hub = user;
	struct fan_out fan_out = {++hub->stamp, &hub->sync_message, 1};
	char room[FRAME_ROOM_MAX + 1];

	hub->stats.syncs++;
	while (*rooms != '\0') {
		size_t len = strcspn(rooms, " ");

		snprintf(room, sizeof(room), "%.*s", (int)len, rooms);
		sio_room_each(hub->rooms, room, send_all, &fan_out);
		rooms += len + (rooms[len] == ' ');
	}
}

/* All at once would make all fetch at once. */
static void sync_everyone(struct hub *hub)
{
	int64_t now_ms = hub->config.mono_ms();
	struct client *client;
	uint32_t random;

	window_table_skip_all(hub->windows);
	TAILQ_FOREACH (client, &hub->clients, link) {
		hub->config.random(&random, sizeof(random));
		client->sync_at = now_ms + random % SYNC_SPREAD_MS;
	}
	hub->syncing = true;
	hub->stats.syncs++;
}

void hub_sync_due(struct hub *hub)
{
	int64_t now_ms = hub->config.mono_ms();
	struct client *client, *next;

	if (!hub->syncing)
		return;
	hub->syncing = false;
	for (client = TAILQ_FIRST(&hub->clients); client != NULL;
	     client = next) {
		next = TAILQ_NEXT(client, link);
		if (client->sync_at == 0)
			continue;
		if (client->sync_at > now_ms) {
			hub->syncing = true;
			continue;
		}
		client->sync_at = 0;
		hub_send(client, hub->sync_message, false);
	}
}

/* ---- healing ---- */

void hub_missed(struct hub *hub, int64_t since_wall_ms)
{
	heal_trigger(&hub->heal, since_wall_ms);
	hub_sessions_check(hub);
}

static void recent_answered(const struct api_result *result, void *user)
{
	struct hub *hub = user;
	const char *after = NULL;
	bool more = false, lost = false;

	if (!result->ok) {
		heal_failed(&hub->heal, hub->config.mono_ms());
		return;
	}
	json_get_bool(result->head, "lost", &lost);
	if (lost)
		heal_lost(&hub->heal);
	if (json_get_bool(result->head, "more", &more) == JSON_FOUND && more)
		json_get_string(result->head, "after", &after);
	switch (heal_answer(&hub->heal, after)) {
	case HEAL_SYNC:
		sync_everyone(hub);
		break;
	case HEAL_ASK:
		hub_heal_step(hub);
		break;
	case HEAL_NOTHING:
		break;
	}
}

void hub_heal_step(struct hub *hub)
{
	int64_t since;
	struct json_object *head;
	struct api_command command = {
		.kind = API_RECENT,
		.deadline_ms = hub->config.mono_ms() + RECENT_DEADLINE_MS,
		.reply = recent_answered,
		.user = hub,
	};

	if (heal_next(&hub->heal, hub->config.mono_ms(), hub->config.wall_ms(),
		      &since) != HEAL_ASK)
		return;
	head = json_new_object();
	json_put_string(head, "command", "recent");
	json_put_int(head, "since", since);
	if (hub->heal.after[0] != '\0')
		json_put_string(head, "after", hub->heal.after);
	hub_call(hub, &command, head, "recent");
}
