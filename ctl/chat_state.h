/*
 * chat_state - what the files of the chat know of it, each calling only those
 * above it in the list of chat.h.
 */
#ifndef CHAT_STATE_H
#define CHAT_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "desk.h"
#include "live.h"
#include "local_rest.h"

struct json_object;

enum { CHAT_DONE, CHAT_REFUSED, CHAT_UNTRIED };

struct chat {
	const struct palabre_options *options;
	struct local_rest rest;
	struct live live;
	struct desk desk;
	struct desk_client *selected;
	struct json_object *here; /* as clients_update had it last, or NULL */
	struct json_object *message; /* the last of message:new, or NULL */
	char id[ID_SIZE];	     /* the operator's */
	char mark[ID_SIZE];	     /* begins the clientId of what is sent */
	unsigned sent;
	bool terminal, started;
	bool leaving;
	int status;	  /* when they leave */
	int64_t retry_at; /* monotonic, while there is no connection */
	int64_t pause_ms;
};

/* ---- chat_show ---- */

/* A line of ours. */
void chat_tell(const struct chat *chat, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The same, of what was not done: in a script that counts. */
void chat_refuse(struct chat *chat, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* A message with that client, as it comes or, with its time, as it was. */
void chat_show_message(const struct chat *chat,
		       const struct desk_client *client,
		       const struct json_object *message, bool with_time);
/* As GET /api/operator/clients has them; both may be NULL. */
void chat_show_client(const struct chat *chat, const struct desk_client *client,
		      const struct json_object *user,
		      const struct json_object *conversation);

/* ---- chat_events ---- */

/* The answer of REST, for json_free(); NULL: it was refused, and that told.
 * target and body are taken; body may be NULL. */
struct json_object *chat_ask(struct chat *chat, const char *method,
			     char *target, struct json_object *body);
/* Where their messages are, with that query; for chat_ask(). */
char *chat_history(const struct desk_client *client, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Operators have read what is known of it. */
void chat_mark_read(struct chat *chat, const struct desk_client *client);
/* Who wrote to support and up to where; `silently`, else what is new of it is
 * shown. */
void chat_catch_up(struct chat *chat, bool silently);
/* ["name", argument] */
void chat_take_event(struct chat *chat, const struct json_object *event);

/* ---- chat_commands ---- */

/* NULL: the input has ended. */
void chat_typed(const char *line, void *context);

#endif
