/*
 * hub_internal - what the hub's files share; nobody else includes it.
 */
#ifndef HUB_INTERNAL_H
#define HUB_INTERNAL_H

#include "heal.h"
#include "hub.h"
#include "ids.h"
#include "map.h"
#include "presence.h"
#include "receipts.h"
#include "ring.h"
#include "typing.h"
#include "window_table.h"

#define HUB_ROOM_SIZE 80

struct delivery;

/* Somebody who is online, or was until a moment ago. */
struct user {
	struct presence_person person; /* must be first */
	struct client_list clients;
	struct map contacts; /* user id -> a non-NULL nothing */
	struct map directs;  /* conversation id -> contact's user id, owned */
	bool directs_made;
	bool told_everyone; /* that he is online */
	unsigned asked;	    /* commands under way */
	char *status_text;
	char id[ID_SIZE];
};

struct hub {
	struct hub_config config;
	/* READY and CLOSING; whose session is to be asked about in front. */
	struct client_list clients;
	struct client_list queued; /* their presence_queue waits */
	struct client_list turned_away;
	struct map users; /* id -> struct user */
	struct sio_rooms *rooms;
	struct window_table *windows;
	struct ring *ring;
	struct heal heal;
	struct typing *typing;
	struct receipts *receipts;
	struct presence presence;
	bool untold;	      /* somebody came whom not everyone was told of */
	struct map settings;  /* user id -> hub_settings.c's */
	struct map last_seen; /* user id -> int64_t, to be stored */
	bool last_seen_asked;
	int64_t seen_round_ms; /* when presence's round began */
	struct {
		uint64_t round; /* client->session_round of those asked about */
		bool pending, asked;
		int64_t at_ms; /* monotonic; not before */
	} sessions;
	int64_t second_ms; /* when the once-a-second work was done */
	bool syncing;	   /* some client->sync_at is set */
	uint64_t stamp;
	struct sio_message *sync_message;
	struct hub_stats stats;
};

struct json_object;

/* hub.c */
void hub_send(struct client *client, struct sio_message *message,
	      bool droppable);
void hub_send_event(struct client *client, const char *name,
		    struct json_object *body);
/* Ask with {"command":...}; takes head. reply gets user. */
void hub_call(struct hub *hub, struct api_command *command,
	      struct json_object *head, const char *key);
/* ["name",body]; takes body, which may be NULL. */
struct sio_message *hub_message(const char *name, struct json_object *body);

/* hub_session.c */
struct hub_ending {
	const char *user_id;
	const char *sid;    /* NULL: all of his sessions ... */
	const char *except; /* ... but this one; NULL: none */
	const char *reason;
};
void hub_end_sessions(struct hub *hub, const struct hub_ending *ending);
void hub_expire_sessions(struct hub *hub);
void hub_drop_due(struct hub *hub);

/* A `renew` was answered: go on with that session. False: it has ended
 * meanwhile, or may have; nothing changed. */
bool hub_renew(struct client *client, const struct json_object *head);

/* hub_sessions.c: some may have ended unheard */
void hub_sessions_check(struct hub *hub);
void hub_session_check(struct hub *hub, struct client *client); /* this one */
void hub_sessions_tick(struct hub *hub);

/* hub_settings.c */
struct sio_message *hub_status_message(const struct hub *hub,
				       const char *user_id,
				       const char *status_text,
				       int64_t last_seen_ms);
void hub_settings(struct hub *hub, const char *user_id, const char *status_text,
		  int64_t last_seen_ms);
void hub_settings_tick(struct hub *hub); /* every second */
void hub_settings_done(struct hub *hub);

/* hub_users.c */
struct user *hub_user(struct hub *hub, const char *id); /* makes one */
void hub_user_free(void *user);
void hub_user_status(struct user *user, const char *status_text);
void hub_contact(struct hub *hub, const char *one, const char *other);
/* Whom a direct conversation of the user is with; NULL: no contact. */
const char *hub_direct_with(struct user *user, const char *conversation);

/* hub_deliver.c */
void hub_replay(struct hub *hub, struct client *client, int64_t as_of);
void hub_heal_step(struct hub *hub);
void hub_sync_due(struct hub *hub);
void hub_lost(const char *rooms, void *hub);
void hub_deliver(struct delivery *delivery, void *hub); /* takes it */

/* hub_presence.c */
bool hub_everyone_hears(const struct hub *hub);
void hub_presence_up(struct hub *hub, struct client *client);
void hub_presence_down(struct hub *hub, struct client *client);
void hub_presence_tick(struct hub *hub);
void hub_presence_reunite(struct hub *hub); /* every second */
void hub_presence_unqueue(struct hub *hub, struct client *client);
bool hub_is_online(const struct hub *hub, const char *id);

/* hub_watch.c; false: ids are not as they should be */
bool hub_watch(struct hub *hub, struct client *client, struct json_object *ids,
	       struct json_object *online);

/* hub_last_seen.c */
void hub_last_seen(struct hub *hub, const char *id, int64_t at_ms);
void hub_last_seen_present(struct hub *hub); /* every second */
void hub_last_seen_tick(struct hub *hub);

/* hub_typing.c */
bool hub_typing(struct client *client, const struct json_object *body);
bool hub_typing_stop(struct client *client, const struct json_object *body);
void hub_typing_stopped(const char *from, const char *conversation,
			const char *room, void *hub);

#endif
