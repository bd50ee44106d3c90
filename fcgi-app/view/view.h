/*
 * view - messages, conversations and read marks as JSON (user_view has users):
 * the only place that knows the names they have on the wire, which are those
 * of the system that Palabre replaces.
 *
 * view_X_write() adds to a text, under a key or, with NULL, as an element. What
 * the others give belongs to the caller (json_free) and only prints (json_raw).
 * Nothing here reads a store, a clock or a socket.
 */
#ifndef VIEW_H
#define VIEW_H

#include "store_own.h"
#include "store_types.h"

struct json_object;
struct json_text;

/* Users of one text, whose presence is asked in one go when all are there:
 * each stands as offline until view_people_online(). */
struct view_person {
	char id[ID_SIZE];
	size_t at; /* where their presence stands in the text */
};
struct view_people {
	struct json_text *text;
	struct view_person *shown;
	size_t count, cap;
	char (*hidden)[ID_SIZE]; /* stay offline, and were never seen */
	size_t hidden_count;
};
void view_people_init(struct view_people *people, struct json_text *text);
void view_people_done(struct view_people *people);
void view_people_hide(struct view_people *people, const char *id);
bool view_people_is_hidden(const struct view_people *people, const char *id);
void view_people_online(struct view_people *people, size_t index);

/* A user, as a part of the text that people is of. */
void view_user_write(struct view_people *people, const char *key,
		     const struct store_user *user);

enum view_ticks { TICKS_SENT, TICKS_RECEIVED, TICKS_READ };

/* How far a message of sender got, from what the other members who were there
 * have seen. Where nobody was, or members are not shown (NULL), it stays at
 * sent. */
enum view_ticks view_ticks(const struct store_member *members, size_t count,
			   const char *sender, int64_t seq);

/* conversation may be NULL: a message just written, which nobody has seen. */
struct json_object *view_message(const struct store_message *message,
				 const struct store_conversation *conversation);
void view_message_write(struct json_text *text, const char *key,
			const struct store_message *message,
			const struct store_conversation *conversation);
/* ... and "duplicate": true, it was there before. */
void view_duplicate_write(struct json_text *text, const char *key,
			  const struct store_message *message,
			  const struct store_conversation *conversation);
/* Of kind erase: whose it is; what to do is in docs/openapi.json. */
void view_erase_write(struct json_text *text, const char *key,
		      const struct store_change *change);
void view_change_write(struct json_text *text,
		       const struct store_change *change,
		       const struct store_conversation *conversation);
/* What message:reaction says: nothing of the message itself, which some who
 * hear it came too late to see. */
void view_reaction_write(struct json_text *text,
			 const struct store_change *change);
/* As every member may see it: without who is the other one, what is unread and
 * who is online. */
void view_shared_conversation_write(
	struct json_text *text, const char *key,
	const struct store_conversation *conversation);
/* As its viewer sees it: a part of the text that people is of. */
void view_conversation_write(struct view_people *people, const char *key,
			     const struct store_conversation *conversation);

/* What its viewer alone has of a conversation. */
void view_own_write(struct json_text *text, const char *key,
		    const struct store_own *own);

/* [{userId, receivedSeq, readSeq}] of the members; of the viewer alone where
 * they are not shown. */
void view_marks_write(struct json_text *text, const char *key,
		      const struct store_conversation *conversation);
/* {conversationId, userId, receivedSeq, readSeq} */
struct json_object *view_marks(const struct store_read_marks *marks);
/* What message:read (read true) and message:received say. */
void view_receipt_write(struct json_text *text, const char *key,
			const struct store_read_marks *marks, bool read);

const char *view_change_event(enum store_change_kind kind);

#endif
