#include "hub_delivery.h"

#include <stdlib.h>
#include <string.h>

#include "api_queue.h"
#include "delivery.h"
#include "frame_head.h"
#include "hub_audience.h"
#include "hub_base.h"
#include "hub_ending.h"
#include "hub_log.h"
#include "hub_moves.h"
#include "hub_presence.h"
#include "hub_profile.h"
#include "hub_recovery.h"
#include "hub_rooms.h"
#include "hub_roster.h"
#include "hub_session_check.h"
#include "hub_typing.h"
#include "hub_users.h"
#include "mem.h"
#include "network.h"
#include "receipts.h"
#include "ring.h"
#include "room.h"

#define RECEIPT_PAUSE_MS 1000
#define RECEIPTS_MAX 10000
/* A look-up takes no longer, and the tick that finds out. */
#define RING_KEEP_MS (API_REQUEST_MS + 1000)
#define RING_COUNT 8192
#define RING_BYTES (8 * 1024 * 1024)

struct hub_delivery {
	struct hub_delivery_parts parts;
	struct receipts *receipts;
	struct ring *ring;
	char epoch[ID_SIZE]; /* of the workers' store; "": nobody said */
};

static void deliver(struct delivery *delivery, void *user);

struct hub_delivery *hub_delivery_new(const struct hub_delivery_parts *parts)
{
	static const struct ring_config ring = {RING_KEEP_MS, RING_COUNT,
						RING_BYTES};
	struct hub_delivery *hub = xcalloc(1, sizeof(*hub));
	const struct receipts_config receipts = {
		.pause_ms = RECEIPT_PAUSE_MS,
		.max = RECEIPTS_MAX,
		.send = deliver,
		.user = hub,
	};

	hub->parts = *parts;
	hub->receipts = receipts_new(&receipts);
	hub->ring = ring_new(&ring);
	return hub;
}

void hub_delivery_free(struct hub_delivery *hub)
{
	if (hub == NULL)
		return;
	receipts_free(hub->receipts);
	ring_free(hub->ring);
	free(hub);
}

/* ---- what each kind of frame does ---- */

/* An event on its way to who is in its rooms. */
struct telling {
	const struct delivery *delivery;
	/* NULL: nobody came or went since it happened, as most of the time. */
	const struct hub_moves *moves;
};

static struct telling telling_of(const struct hub_delivery *hub,
				 const struct delivery *delivery)
{
	const struct hub_moves *moves = hub->parts.moves;

	if (!hub_moves_any_past(moves, delivery))
		moves = NULL;
	return (struct telling){delivery, moves};
}

static void send_all(struct client *client, void *context)
{
	const struct telling *telling = context;
	const struct delivery *delivery = telling->delivery;

	if (telling->moves != NULL &&
	    hub_moves_is_past(telling->moves, client->user, delivery))
		return;
	if (delivery->read && client->user->hides_receipts &&
	    strcmp(client->user->id, delivery->user) != 0)
		return;
	for (size_t i = 0; i < delivery->message_count; i++)
		client_send(client, delivery->messages[i], false);
}

static void deliver_event(struct hub_delivery *hub, struct delivery *delivery)
{
	struct telling telling = telling_of(hub, delivery);

	hub_audience_of_rooms(
		hub->parts.audience, (const char *const *)delivery->rooms,
		delivery->room_count, delivery->except, send_all, &telling);
}

static void add_contact(struct hub_delivery *hub, const char *id,
			const char *other)
{
	if (hub_users_add_contact(hub->parts.users, id, other))
		hub_presence_tell_contact(hub->parts.presence, id, other);
}

static void deliver_join(struct hub_delivery *hub, struct delivery *delivery)
{
	if (!hub_moves_take(hub->parts.moves, delivery))
		return;
	for (size_t i = 0; i < delivery->contact_count; i++) {
		add_contact(hub, delivery->user, delivery->contacts[i]);
		add_contact(hub, delivery->contacts[i], delivery->user);
	}
}

static void deliver_leave(struct hub_delivery *hub, struct delivery *delivery)
{
	hub_moves_take(hub->parts.moves, delivery);
}

static struct hub_ending ending_of(const struct delivery *delivery)
{
	return (struct hub_ending){
		.user_id = delivery->user,
		.session_id = delivery->session_id,
		.except = delivery->except,
		.reason =
			delivery->reason != NULL ? delivery->reason : "revoked",
	};
}

static void deliver_revoke(struct hub_delivery *hub, struct delivery *delivery)
{
	const struct hub_ending ending = ending_of(delivery);

	if (delivery->network != NULL)
		hub_ending_network(hub->parts.clients, hub->parts.rooms,
				   delivery->network, ending.reason);
	else
		hub_ending_apply(hub->parts.users, &ending);
}

static void deliver_settings(struct hub_delivery *hub,
			     struct delivery *delivery)
{
	int64_t last_seen_ms = delivery->hides_last_seen
				       ? PRESENCE_UNSAID
				       : delivery->last_seen_ms;

	if (delivery->other[0] != '\0') {
		hub_profile_tell(hub->parts.profile, delivery->other,
				 delivery->user, delivery->status_text,
				 last_seen_ms);
		return;
	}
	hub_profile_change(hub->parts.profile, delivery->user,
			   delivery->status_text, last_seen_ms);

	struct user *user = hub_users_find(hub->parts.users, delivery->user);

	if (user != NULL) {
		user->hides_last_seen = delivery->hides_last_seen;
		user->hides_receipts = delivery->hides_receipts;
	}
	if (user != NULL && delivery->username != NULL &&
	    delivery->avatar != NULL)
		hub_users_set_name(user, delivery->username, delivery->avatar);
	hub_roster_change(hub->parts.roster);
}

static void deliver_hide(struct hub_delivery *hub, struct delivery *delivery)
{
	hub_presence_hide(hub->parts.presence, delivery->user, delivery->other,
			  delivery->hidden);
	hub_session_check_hidden(hub->parts.check, delivery->user);
}

static const struct {
	void (*deliver)(struct hub_delivery *hub, struct delivery *delivery);
	const char *done; /* for the log */
} kinds[] = {
	[NOTIFY_HELLO] = {NULL, "came"},
	[NOTIFY_EVENT] = {deliver_event, "delivered"},
	[NOTIFY_JOIN] = {deliver_join, "joined"},
	[NOTIFY_LEAVE] = {deliver_leave, "left"},
	[NOTIFY_REVOKE] = {deliver_revoke, "revoked"},
	[NOTIFY_SETTINGS] = {deliver_settings, "set"},
	[NOTIFY_POSITION] = {NULL, "said"},
	[NOTIFY_HIDE] = {deliver_hide, "hidden"},
};

/* Now is when it came, for those whose session is being looked up. Takes
 * delivery. */
static void deliver(struct delivery *delivery, void *user)
{
	struct hub_delivery *hub = user;

	delivery->at_ms = hub_base_mono_ms(hub->parts.base);
	kinds[delivery->kind].deliver(hub, delivery);
	ring_take(hub->ring, delivery);
}

/* ---- a frame comes in ---- */

static bool admit_event(struct hub_delivery *hub, const struct frame_head *head,
			enum hub_source source)
{
	struct hub_stats *stats = &hub->parts.base->stats;
	bool counted = head->seq > 0 || head->change > 0;

	if (!hub_recovery_is_new(hub->parts.recovery, head,
				 source == HUB_RECENT)) {
		stats->seen_before++;
		hub_log_frame("seen before", head, 0);
		return false;
	}
	stats->healed += source == HUB_RECENT && counted;
	if (head->from != NULL && head->conversation != NULL)
		hub_typing_written(hub->parts.typing, head->from,
				   head->conversation);
	return true;
}

static bool is_for(const struct delivery *delivery, const char *user)
{
	char room[ROOM_SIZE];

	room_of_user(user, room);
	return delivery->room_count == 1 &&
	       strcmp(delivery->rooms[0], room) == 0;
}

/* False: a receipt that waits, or says nothing new. Takes delivery. */
static bool deliver_or_hold(struct hub_delivery *hub,
			    const struct frame_head *head,
			    struct delivery *delivery)
{
	const struct receipt receipt = {
		.kind = head->read > 0 ? RECEIPT_READ : RECEIPT_RECEIVED,
		.conversation = head->conversation,
		.user = head->user,
		.seq = head->read > 0 ? head->read : head->received,
		.own = head->user != NULL && is_for(delivery, head->user),
	};

	if (receipt.seq > 0)
		return receipts_take(hub->receipts, &receipt, delivery,
				     hub_base_mono_ms(hub->parts.base));
	deliver(delivery, hub);
	return true;
}

/* Takes delivery. */
static void take_delivery(struct hub_delivery *hub,
			  const struct frame_head *head,
			  struct delivery *delivery)
{
	const struct hub_stats *stats = &hub->parts.base->stats;
	uint64_t before = stats->delivered;
	const char *done = kinds[delivery->kind].done;
	bool delivered = deliver_or_hold(hub, head, delivery);

	hub_log_frame(delivered ? done : "held back", head,
		      stats->delivered - before);
}

static void deliver_frame(struct hub_delivery *hub,
			  const struct hub_worker *worker,
			  const struct notify_frame *frame,
			  const struct frame_head *head,
			  const struct notify_parts *parts)
{
	if (kinds[frame->kind].deliver == NULL ||
	    (frame->kind == NOTIFY_EVENT &&
	     !admit_event(hub, head, worker->source)))
		return;
	take_delivery(hub, head,
		      delivery_new(frame->kind, head, parts->payload,
				   parts->payload_len,
				   hub_base_mono_ms(hub->parts.base)));
}

/* A worker says what it wrote in the order in which it wrote it. */
static void note_position(struct hub_delivery *hub, struct hub_worker *worker,
			  enum notify_kind kind, const struct frame_head *head)
{
	/* What else has one may stand before the event of that position. */
	bool tells = kind == NOTIFY_HELLO || kind == NOTIFY_POSITION ||
		     head->seq > 0 || head->change > 0;

	if (head->position == NULL || !tells)
		return;
	hub_recovery_note(hub->parts.recovery, head->position);
	if (strcmp(head->position, worker->position) > 0)
		memcpy(worker->position, head->position, ID_SIZE);
}

static void note_epoch(struct hub_delivery *hub, const char *epoch)
{
	const struct hub_config *config = &hub->parts.base->config;

	if (epoch == NULL || strcmp(epoch, hub->epoch) == 0)
		return;
	if (hub->epoch[0] != '\0' && config->another_store != NULL)
		config->another_store(config->user);
	memcpy(hub->epoch, epoch, ID_SIZE);
}

bool hub_delivery_take(struct hub_delivery *hub, struct hub_worker *worker,
		       const struct notify_frame *frame)
{
	struct notify_parts parts;
	struct frame_head head;
	bool good;

	if (frame->kind >= COUNT_OF(kinds) || kinds[frame->kind].done == NULL)
		return true;
	notify_frame_split(frame, &parts);
	good = frame_head_read(&head, frame->kind, parts.head, parts.head_len);
	hub->parts.base->stats.frames++;
	if (good) {
		deliver_frame(hub, worker, frame, &head, &parts);
		note_position(hub, worker, frame->kind, &head);
		note_epoch(hub, head.epoch);
	}
	frame_head_done(&head);
	return good;
}

void hub_delivery_tick(struct hub_delivery *hub)
{
	int64_t now_ms = hub_base_mono_ms(hub->parts.base);

	receipts_tick(hub->receipts, now_ms);
	ring_expire(hub->ring, now_ms);
}

/* ---- what came while a client's session was looked up ---- */

struct replay {
	struct hub_delivery *hub;
	struct client *client;
};

static bool concerns_client(const struct replay *replay,
			    const struct delivery *delivery)
{
	const struct client *client = replay->client;
	char network[NETWORK_SIZE];

	if (delivery->network != NULL) {
		network_of(client->address, network);
		return strcmp(delivery->network, network) == 0;
	}
	if (delivery->kind != NOTIFY_EVENT)
		return strcmp(delivery->user, client->user->id) == 0;
	if (hub_audience_excepts(delivery->except, client->user->id))
		return false;
	for (size_t i = 0; i < delivery->room_count; i++) {
		if (strcmp(delivery->rooms[i], ROOM_ALL) == 0 ||
		    hub_rooms_has(replay->hub->parts.rooms, delivery->rooms[i],
				  client))
			return true;
	}
	return false;
}

static void replay_one(struct delivery *delivery, void *user)
{
	const struct replay *replay = user;
	struct telling telling = telling_of(replay->hub, delivery);

	if (replay->client->state != CLIENT_READY ||
	    !concerns_client(replay, delivery))
		return;
	if (delivery->kind == NOTIFY_EVENT)
		send_all(replay->client, &telling);
	else
		kinds[delivery->kind].deliver(replay->hub, delivery);
}

bool hub_delivery_knows_moves(const struct hub_delivery *hub, int64_t since_ms)
{
	return ring_has_all_but_events(hub->ring, since_ms);
}

bool hub_delivery_replay(struct hub_delivery *hub, struct client *client,
			 int64_t since_ms)
{
	struct replay replay = {hub, client_ref(client)};
	bool whole = ring_replay(hub->ring, since_ms, replay_one, &replay);

	client_unref(client);
	return whole;
}

struct revoke_search {
	const char *user_id, *session_id;
	bool found;
};

static void find_revoke(struct delivery *delivery, void *user)
{
	struct revoke_search *search = user;
	struct hub_ending ending;

	if (delivery->kind != NOTIFY_REVOKE ||
	    strcmp(delivery->user, search->user_id) != 0)
		return;
	ending = ending_of(delivery);
	search->found |= hub_ending_covers(&ending, search->session_id);
}

bool hub_delivery_may_be_over(const struct hub_delivery *hub, int64_t since_ms,
			      const char *user_id, const char *session_id)
{
	struct revoke_search search = {user_id, session_id, false};

	ring_replay(hub->ring, since_ms, find_revoke, &search);
	return search.found || !ring_has_all_but_events(hub->ring, since_ms);
}
