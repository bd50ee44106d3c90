/*
 * store_base - what every verb starts from: the store, its answers, and who
 * asks.
 *
 * The verbs are grouped by subject, each group a const table of a backend's
 * functions with a header of its own here. A new verb is its declaration there
 * (the table's member, and the call that people use), a function and a row in
 * the backend, and a case in tests/contract.
 */
#ifndef STORE_BASE_H
#define STORE_BASE_H

#include "store_types.h"

enum store_status {
	STORE_OK,
	STORE_NOT_FOUND,  /* not there, or not for this viewer to see */
	STORE_TAKEN,	  /* the username or email belongs to another */
	STORE_REUSED,	  /* this clientId was used for another request */
	STORE_FORBIDDEN,  /* there, seen, but not this viewer's to change */
	STORE_FULL,	  /* a group takes no more members */
	STORE_DECLINED,	  /* a user does not let the viewer do that to them */
	STORE_STRANGER,	  /* somebody who is named does not see it */
	STORE_BLOCKING,	  /* the viewer blocks whom they write to */
	STORE_REVOKED,	  /* a link that was taken back, ... */
	STORE_EXPIRED,	  /* ... or that has ended */
	STORE_CROWDED,	  /* a message takes no more kinds of reactions */
	STORE_TOO_OFTEN,  /* it was changed so often lately */
	STORE_MUTED,	  /* an operator has muted the viewer */
	STORE_NO_PICTURE, /* a file that is to be shown as one is none */
	STORE_UNAVAILABLE,
};

#define STORE_ERROR_SIZE 512

/* What a store tells the time of, whether or not it went well. */
enum store_time {
	STORE_TIME_READ,   /* a verb that only reads */
	STORE_TIME_WRITE,  /* a write or a batch, until it is durable */
	STORE_TIME_COMMIT, /* the end of such a one, with its sync */
	STORE_TIMES,
};
typedef void store_timed(enum store_time what, int64_t took_us, void *context);

/* One line to whoever waits. */
typedef void store_say(const char *words);

/* A backend embeds this as its first member. What is behind the tables is the
 * backend's own (store_backend.h). */
struct store {
	const struct store_backend *backend;
	const struct store_user_verbs *users;
	const struct store_account_verbs *accounts;
	const struct store_guess_verbs *guesses;
	const struct store_session_verbs *sessions;
	const struct store_conversation_verbs *conversations;
	const struct store_group_verbs *groups;
	const struct store_guest_verbs *guests;
	const struct store_operator_verbs *operators;
	const struct store_own_verbs *own;
	const struct store_report_verbs *reports;
	const struct store_block_verbs *blocks;
	const struct store_erase_verbs *erase;
	const struct store_message_verbs *messages;
	const struct store_event_verbs *events;
	const struct store_file_verbs *files;
	const struct store_import_verbs *import;
	const struct store_copy_verbs *copy;

	char error[STORE_ERROR_SIZE];
	char notice[STORE_ERROR_SIZE];
	store_say *say; /* NULL: nobody listens */
};

/* Who asks; what they may see is decided by store_sight(). */
struct store_viewer {
	const char *id;
	enum store_role role;
};

static inline struct store_viewer store_viewer_of(const struct store_user *user)
{
	return (struct store_viewer){user->id, user->role};
}

#endif
