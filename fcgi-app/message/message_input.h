/*
 * message_input - what a client says about messages, checked: the bodies of
 * the message routes and the payloads of the socket events are the same JSON
 * objects. Pure.
 *
 * Everything given out is borrowed from the body. Whatever is wrong is
 * `invalid`, unless it has a code of its own; error names the field and tells
 * people why.
 */
#ifndef MESSAGE_INPUT_H
#define MESSAGE_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "palabre_limits.h"
#include "refusals.h"
#include "store_types.h"

struct json_object;

struct input_error {
	const char *field;
	const char *message;
	enum refusal refusal;
};

/* Ascending, and within the content. */
struct mentions_input {
	struct store_mention list[LIMIT_MENTIONS];
	size_t count;
};

struct send_input {
	const char *to;		  /* a user, or ... */
	const char *conversation; /* ... a conversation, or ... */
	const char *client;    /* ... a user's with support: one of the three */
	const char *content;   /* "" only beside an attachment */
	const char *client_id; /* NULL: none */
	const char *reply_to;  /* NULL: none */
	const char *attachment; /* a file; NULL: none */
	struct mentions_input mentions;
};
/* to_field is what the recipient is called: "recipient_id" over REST, "to" on
 * sockets. */
bool message_input_send(const struct json_object *body, const char *to_field,
			struct send_input *out, struct input_error *error);

/* The same without a target: to the user client, by an operator. */
bool message_input_answer(const struct json_object *body, const char *client,
			  struct send_input *out, struct input_error *error);

/* What clients of the Flask chat say: {message, client_id?, clientId?} to the
 * lobby, where there is one, else to support, or as one of the operators to the
 * user client_id. */
bool message_input_support(const struct json_object *body, bool by_operator,
			   bool lobby, struct send_input *out,
			   struct input_error *error);

/* A clientId that came by another way than the body. */
bool message_input_client_id(const char *text);

struct mark_input {
	const char *conversation; /* with seq; or NULL and ... */
	int64_t seq;
	const char *message; /* ... a message, called messageId or id */
};
bool message_input_mark(const struct json_object *body, struct mark_input *out,
			struct input_error *error);
/* {conversationId, seq} alone. */
bool message_input_position(const struct json_object *body,
			    struct mark_input *out, struct input_error *error);

/* {content, replyTo?, mentions?}: what is not sent yet. */
struct draft_input {
	const char *content;
	const char *reply_to; /* NULL: none */
	struct mentions_input mentions;
};
bool message_input_draft(const struct json_object *body,
			 struct draft_input *out, struct input_error *error);

/* {content?, mentions?} */
struct edit_input {
	const char *content; /* NULL: it is not to change */
	struct mentions_input mentions;
};
bool message_input_edit(const struct json_object *body, struct edit_input *out,
			struct input_error *error);

/* {emoji, on} */
struct reaction_input {
	const char *emoji;
	bool on;
};
bool message_input_reaction(const struct json_object *body,
			    struct reaction_input *out,
			    struct input_error *error);

#endif
