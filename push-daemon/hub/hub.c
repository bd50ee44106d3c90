/*
 * The parts of the hub. Each calls parts in the lines below its own and no
 * other; its includes say which.
 *
 *     events, admission      what clients ask for; their way in and out
 *     renewal                another token for one that stays
 *     delivery               what workers announce, on its way to clients
 *     recovery               what of it came already, and what was missed
 *     presence, profile, typing, sync, session_check
 *                            what the hub says of its own accord
 *     roster                 the list of who is here
 *     moves                  who enters and leaves which room
 *     audience, ending       who hears of something; who has to go
 *     watch, question, last_seen, log
 *     users, clients, rooms  who is here, and where
 *     client, message, base  one of them; what is said; what all stand on
 *
 * Only hub.c knows them all. Nothing that a client's going leads to is said
 * from within it: the next tick does that, so that whoever sends to many may
 * lose some of them by it and is not called anew.
 */
#include "hub.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "hub_audience.h"
#include "hub_base.h"
#include "hub_clients.h"
#include "hub_ending.h"
#include "hub_recovery.h"
#include "hub_last_seen.h"
#include "hub_moves.h"
#include "hub_presence.h"
#include "hub_profile.h"
#include "hub_question.h"
#include "hub_rooms.h"
#include "hub_roster.h"
#include "hub_session_check.h"
#include "hub_sync.h"
#include "hub_typing.h"
#include "hub_users.h"
#include "mem.h"

#define SECOND_MS 1000

struct hub {
	struct hub_base base;
	struct hub_clients *clients;
	struct hub_users *users;
	struct hub_rooms *rooms;
	struct hub_audience *audience;
	struct hub_last_seen *last_seen;
	struct hub_presence *presence;
	struct hub_profile *profile;
	struct hub_roster *roster;
	struct hub_typing *typing;
	struct hub_sync *sync;
	struct hub_recovery *recovery;
	struct hub_session_check *check;
	struct hub_moves *moves;
	struct hub_delivery *delivery;
	struct hub_admission *admission;
	struct hub_events *events;
	int64_t second_ms; /* when the once-a-second work was done */
};

static void make_people(struct hub *hub)
{
	struct hub_base *base = &hub->base;

	hub->clients = hub_clients_new();
	hub->users = hub_users_new(base->config.presence_grace_ms);
	hub->rooms = hub_rooms_new(base);
	hub->audience =
		hub_audience_new(base, hub->clients, hub->users, hub->rooms);
	hub->last_seen = hub_last_seen_new(base);
	hub->roster = hub_roster_new(&(struct hub_roster_parts){
		.base = base,
		.audience = hub->audience,
		.rooms = hub->rooms,
		.users = hub->users,
	});
	hub->presence = hub_presence_new(&(struct hub_presence_parts){
		.base = base,
		.audience = hub->audience,
		.clients = hub->clients,
		.last_seen = hub->last_seen,
		.rooms = hub->rooms,
		.roster = hub->roster,
		.users = hub->users,
	});
	hub->profile = hub_profile_new(base, hub->audience, hub->users);
	hub->typing =
		hub_typing_new(base, hub->audience, hub->users, hub->rooms);
}

static void make_ways(struct hub *hub)
{
	struct hub_base *base = &hub->base;

	hub->sync = hub_sync_new(base, hub->audience, hub->clients);
	hub->recovery = hub_recovery_new(base, hub->sync);
	hub->check = hub_session_check_new(base, hub->users, hub->presence);
	hub->moves =
		hub_moves_new(hub->rooms, hub->users, hub->recovery, hub->sync);
	hub->delivery = hub_delivery_new(&(struct hub_delivery_parts){
		.base = base,
		.audience = hub->audience,
		.clients = hub->clients,
		.moves = hub->moves,
		.recovery = hub->recovery,
		.presence = hub->presence,
		.profile = hub->profile,
		.rooms = hub->rooms,
		.roster = hub->roster,
		.check = hub->check,
		.typing = hub->typing,
		.users = hub->users,
	});
	hub->admission = hub_admission_new(&(struct hub_admission_parts){
		.base = base,
		.clients = hub->clients,
		.delivery = hub->delivery,
		.presence = hub->presence,
		.recovery = hub->recovery,
		.rooms = hub->rooms,
		.check = hub->check,
		.sync = hub->sync,
		.typing = hub->typing,
		.users = hub->users,
	});
	hub->events = hub_events_new(&(struct hub_events_parts){
		.base = base,
		.clients = hub->clients,
		.delivery = hub->delivery,
		.rooms = hub->rooms,
		.roster = hub->roster,
		.typing = hub->typing,
		.users = hub->users,
	});
}

struct hub *hub_new(const struct hub_config *config)
{
	struct hub *hub = xcalloc(1, sizeof(*hub));

	hub->base.config = *config;
	make_people(hub);
	make_ways(hub);
	return hub;
}

void hub_free(struct hub *hub)
{
	if (hub == NULL)
		return;
	hub_events_free(hub->events);
	hub_admission_free(hub->admission);
	hub_delivery_free(hub->delivery);
	hub_moves_free(hub->moves);
	hub_session_check_free(hub->check);
	hub_recovery_free(hub->recovery);
	hub_sync_free(hub->sync);
	hub_typing_free(hub->typing);
	hub_profile_free(hub->profile);
	hub_presence_free(hub->presence);
	hub_roster_free(hub->roster);
	hub_last_seen_free(hub->last_seen);
	hub_audience_free(hub->audience);
	hub_rooms_free(hub->rooms);
	hub_users_free(hub->users);
	hub_clients_free(hub->clients);
	free(hub);
}

static void tick_second(struct hub *hub, int64_t now_ms)
{
	if (now_ms - hub->second_ms < SECOND_MS)
		return;
	hub->second_ms = now_ms;
	hub_ending_expire(hub->clients, hub_base_wall_ms(&hub->base));
	hub_presence_tick_second(hub->presence);
	hub_profile_tick(hub->profile);
	hub_roster_tick_second(hub->roster);
	hub_last_seen_tick(hub->last_seen);
}

void hub_tick(struct hub *hub)
{
	hub_typing_tick(hub->typing);
	hub_delivery_tick(hub->delivery);
	hub_presence_tick(hub->presence);
	hub_recovery_tick(hub->recovery);
	hub_session_check_tick(hub->check);
	hub_sync_tick(hub->sync);
	hub_admission_tick(hub->admission);
	tick_second(hub, hub_base_mono_ms(&hub->base));
}

void hub_read_stats(const struct hub *hub, struct hub_stats *out)
{
	*out = hub->base.stats;
	out->clients = hub_clients_count(hub->clients);
	out->users_online = hub_users_presence(hub->users)->online;
	out->rooms = hub_rooms_count(hub->rooms);
	out->typing = hub_typing_count(hub->typing);
	hub_recovery_read_stats(hub->recovery, out);
}

struct json_object *hub_list_clients(const struct hub *hub, const char *after)
{
	return hub_roster_page(hub->roster, after);
}

void hub_flush_last_seen(struct hub *hub)
{
	hub_presence_note_all(hub->presence);
	hub_last_seen_tick(hub->last_seen);
}

bool hub_flushed(struct hub *hub)
{
	hub_last_seen_tick(hub->last_seen);
	return hub_last_seen_is_stored(hub->last_seen);
}

/* ---- what edges say ---- */

void hub_client_connect(struct hub *hub, struct client *client,
			const struct hub_hello *hello)
{
	hub_admission_connect(hub->admission, client, hello);
}

void hub_client_gone(struct hub *hub, struct client *client, const char *reason)
{
	hub_admission_leave(hub->admission, client, reason);
}

bool hub_client_admit(struct hub *hub, struct client *client, size_t bytes,
		      int64_t ack)
{
	return hub_events_admit(hub->events, client, bytes, ack);
}

void hub_client_event(struct hub *hub, struct client *client,
		      const struct hub_event *event)
{
	hub_events_take(hub->events, client, event);
}

bool hub_worker_hello(struct hub *hub, struct hub_worker *worker,
		      const struct notify_frame *hello)
{
	if (!hub_delivery_take(hub->delivery, worker, hello))
		return false;
	if (worker->position[0] != '\0')
		hub_recovery_missed(hub->recovery, worker->position);
	hub_session_check_all(hub->check);
	return true;
}

bool hub_worker_frame(struct hub *hub, struct hub_worker *worker,
		      const struct notify_frame *frame)
{
	return hub_delivery_take(hub->delivery, worker, frame);
}

bool hub_worker_question(struct hub *hub, const struct notify_frame *question,
			 struct buf *out)
{
	return hub_question_answer(hub->users, question, out);
}

void hub_worker_lost(struct hub *hub, const char *position)
{
	hub_recovery_missed(hub->recovery, position);
	hub_session_check_all(hub->check);
}

void hub_read_position(const struct hub *hub, char out[ID_SIZE])
{
	memcpy(out, hub_recovery_newest(hub->recovery), ID_SIZE);
}
