/*
 * store_types - the entities of the store, as both backends fill them.
 *
 * Text members are heap strings owned by the struct; each _done() frees them
 * and leaves the struct zeroed. In an "each" callback everything is borrowed
 * until the callback returns. Times are milliseconds since 1970, 0 for never.
 */
#ifndef STORE_TYPES_H
#define STORE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ids.h"

/* Numbers of enums are on disk: never another one for what is there. */
enum store_role { ROLE_USER = 0, ROLE_OPERATOR = 1, ROLE_GUEST = 2 };
enum store_conversation_kind {
	CONVERSATION_DIRECT = 0,
	CONVERSATION_GROUP = 1,
	CONVERSATION_SUPPORT = 2,
	CONVERSATION_LOBBY = 3,
};
enum store_message_kind {
	MESSAGE_TEXT = 0,
	MESSAGE_FILE = 1,
	MESSAGE_SYSTEM = 2,
	MESSAGE_HIDDEN = 3, /* whom its sender was blocked by sees nothing */
};
enum store_change_kind {
	CHANGE_EDIT = 0,
	CHANGE_DELETE = 1,
	CHANGE_REACTION = 2,
	CHANGE_ERASE = 3, /* of a person: all that they were in it */
};

/* What happens to a group; its names on disk are in store_system.c. */
enum store_group_event {
	GROUP_MADE,
	GROUP_TITLE,
	GROUP_PICTURE,
	GROUP_ADDED,
	GROUP_JOINED,
	GROUP_LEFT,
	GROUP_REMOVED,
	GROUP_OWNER,
};

/* "0" to "9", letters, "-" and "_": 128 bits (RFC 4648, section 5). */
#define STORE_LINK_SIZE 23

struct store_user {
	char id[ID_SIZE];
	char *username;
	char *email;				   /* lower-cased; NULL: none */
	char *display_name, *avatar, *status_text; /* "" when empty */
	char *password_hash; /* NULL: nobody can sign in with a password */
	enum store_role role;
	bool disabled;
	bool contacts_add;    /* only whom they wrote to adds them to groups */
	bool hides_last_seen; /* from everybody else */
	bool hides_receipts;  /* how far they have read; nor do they see it of
			       * others */
	int64_t muted_until;
	int64_t created_at, last_seen;
};

struct store_session {
	char id[ID_SIZE], user_id[ID_SIZE];
	int64_t created_at, last_used, expires_at;
	char *agent, *address;
};

/* What a user may change of themselves: NULL keeps it. */
struct store_profile {
	const char *username, *display_name, *avatar, *status_text;
	const char *email; /* "": none any more */
	const bool *contacts_add, *hides_last_seen, *hides_receipts;
	int64_t now_ms;
};

/* Where a message names somebody: code points of its content. */
struct store_mention {
	char user[ID_SIZE];
	int64_t start, length;
};

struct store_message {
	char id[ID_SIZE], conversation[ID_SIZE];
	char sender[ID_SIZE];
	char recipient[ID_SIZE]; /* "" outside direct */
	/* Of a support conversation, when it is to be announced: whose it is;
	 * else "". */
	char client[ID_SIZE];
	char reply_to[ID_SIZE]; /* "" for none */
	int64_t seq;
	enum store_message_kind kind;
	enum store_conversation_kind conversation_kind;
	char *sender_name, *content;
	char *client_id;  /* NULL: none was given */
	char *attachment; /* JSON (store_file_attachment()); NULL: none */
	char *mentions;	  /* JSON (store_mentions_text()); NULL: none */
	/* JSON (store_reactions.h), as its viewer sees them; NULL: none. */
	char *reactions;
	int64_t created_at;
	bool edited, deleted; /* deleted: content is "" */
	/* Direct: its recipient blocked the sender when it was written, and
	 * sees a row of kind hidden for ever; ... */
	bool hidden;
	bool unseen;  /* ... and does so no more, so that its sender may know */
	bool reacted; /* by somebody, at some time */
	int64_t change; /* the newest that is folded in; 0: none */
};

#define STORE_FILE_HASH_SIZE 65

struct store_file {
	char id[ID_SIZE], owner[ID_SIZE];
	char hash[STORE_FILE_HASH_SIZE]; /* SHA-256 of its bytes, in hex */
	char *name, *mime;
	int64_t size;	       /* bytes */
	int64_t width, height; /* pixels; 0: no picture */
	int64_t duration_ms;   /* as its sender says; 0: none */
	bool preview;	       /* there is a small copy */
	int64_t created_at;
};
static inline bool store_file_is_picture(const struct store_file *file)
{
	return file->width > 0;
}

typedef void store_each_hash(const char *hash, void *context);

struct store_member {
	char user_id[ID_SIZE];
	bool owner;
	bool hides_receipts;
	/* Of who hides it, and to who hides theirs, read_seq says nothing. */
	int64_t joined_seq, received_seq, read_seq;
};

/* What a user alone has of a conversation, on all their devices. */
struct store_own {
	char conversation[ID_SIZE];
	int64_t muted_until; /* 0: not muted */
	int64_t pinned_at;   /* 0: not pinned */
	bool archived;
	int64_t archived_seq; /* the newest then; what comes later brings it
			       * back, unless it is muted */
	bool marked_unread;
	char *draft;	/* JSON, as it is shown; NULL: none */
	int64_t number; /* of its last change; 0: none yet */
};

struct store_conversation {
	char id[ID_SIZE];
	enum store_conversation_kind kind;
	char *title, *avatar; /* of a group; "" for none */
	int64_t first_seq;    /* that the viewer sees */
	int64_t last_seq, last_change, updated_at;
	int64_t unread; /* of what the viewer sees */
	bool hides;	/* some messages are hidden from them */
	size_t member_count;
	struct store_member *members;	    /* NULL when more than 100 */
	struct store_member me;		    /* the viewer's own row */
	struct store_own own;		    /* the viewer's */
	struct store_user *other;	    /* direct only: what all may see */
	struct store_message *last_message; /* NULL: none yet */
};

struct store_change {
	char conversation[ID_SIZE];
	int64_t change;
	enum store_change_kind kind;
	/* As it is now, folded. An erase has none but the conversation, and for
	 * sender whom it is of. */
	struct store_message message;
	/* Who did it; of a reaction: to what, and whether it is there now.
	 * NULL: not for the viewer to know, or of somebody who was erased. */
	char by[ID_SIZE];
	char *emoji;
	bool on;
	bool hidden; /* nobody but who did it sees it */
	/* Of one that is to be announced: who joined the group behind its
	 * message, and sees nothing of it. Ids, one behind the other; NULL:
	 * nobody. */
	char *later;
	int64_t created_at;
	char position[ID_SIZE]; /* store_events.h; "": not asked for */
};

/* How far a member has received and read. */
struct store_read_marks {
	char conversation[ID_SIZE], user_id[ID_SIZE];
	enum store_conversation_kind conversation_kind;
	char other[ID_SIZE]; /* direct: whom to tell; else "" */
	int64_t received_seq, read_seq;
	bool received_moved, read_moved; /* by this call */
	bool own_only;	    /* nobody but the user hears of them ... */
	bool read_own_only; /* ... or of the read one */
	bool read_partly;   /* or some of those who hear of both do not */
	/* The newest message at or below the mark not written by the user; ""
	 * when there is none. */
	char received_message[ID_SIZE], read_message[ID_SIZE];
};

/* The display name, or the username where there is none. */
const char *store_user_name(const struct store_user *user);
/* By an operator: they show others nothing new. */
bool store_user_is_muted(const struct store_user *user, int64_t now_ms);

void store_user_done(struct store_user *user);
void store_session_done(struct store_session *session);
void store_message_done(struct store_message *message);
void store_file_done(struct store_file *file);
void store_change_done(struct store_change *change);
void store_own_done(struct store_own *own);

/* What is borrowed of a row becomes its own. */
void store_user_own(struct store_user *user);
void store_message_own(struct store_message *message);
void store_own_own(struct store_own *own);
void store_conversation_own(struct store_conversation *conversation);
void store_conversation_done(struct store_conversation *conversation);

const char *store_role_name(enum store_role role); /* "user", ... */
const char *store_conversation_kind_name(enum store_conversation_kind kind);
const char *store_message_kind_name(enum store_message_kind kind);

/* Of two numbers of messages. */
static inline int64_t store_larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static inline int64_t store_smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

#endif
