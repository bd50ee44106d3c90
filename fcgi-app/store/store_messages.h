/*
 * store_messages - messages are sent, read and changed. Whoever came late to a
 * conversation sees nothing of what was before: each verb begins where the
 * viewer's sight does.
 */
#ifndef STORE_MESSAGES_H
#define STORE_MESSAGES_H

#include "store_base.h"

/* False: no more of them. */
typedef bool store_each_message(const struct store_message *message,
				void *context);
typedef bool store_each_change(const struct store_change *change,
			       void *context);

/* Numbers of messages or of changes, both inclusive. */
struct store_range {
	int64_t first, last;
};

/* So many of the newest messages are skipped. */
struct store_page {
	int64_t skip, limit;
};

/* At most so many of those below that seq. */
struct store_showing {
	int64_t before, limit;
};

struct store_send {
	const char *sender_name;
	const char *to;		  /* a user: the direct conversation, or ... */
	const char *conversation; /* ... this one, or ... */
	const char *client; /* ... this user's with support, by operators */
	enum store_message_kind kind;
	const char *content;
	const char *client_id; /* NULL: none */
	const char *reply_to;  /* a message of the conversation; NULL: none */
	const char
		*attachment; /* a file that the sender may read; NULL: none */
	/* Of users who see the conversation; not NULL unless none. */
	const struct store_mention *mentions;
	size_t mention_count;
	bool guest_direct; /* guests and others may write to each other */
	bool muted;	   /* by an operator: nothing new is written */
	int64_t now_ms;
};
struct store_sent {
	struct store_message message;
	bool duplicate; /* it was there already: nothing was written */
	/* Its direct conversation was made by this call, or one of the two sees
	 * a message there for the first time. */
	bool opened;
	/* Who writes has read all before it: the sender's are at the message.
	 * read_moved: they passed messages that the sender had not read, so
	 * the others want to know. */
	struct store_read_marks marks;
};
void store_sent_done(struct store_sent *sent);

struct store_edit {
	enum store_change_kind kind;
	const char *content; /* NULL keeps the text, as the old clients may */
	int64_t now_ms;
	/* Of that content. */
	const struct store_mention *mentions;
	size_t mention_count;
};

struct store_reaction {
	const char *emoji;
	bool on; /* false: it is taken away */
	int64_t now_ms;
};

struct store_search; /* store_search.h */

struct store_message_verbs {
	/* conversation: the target, made out by store.c. */
	enum store_status (*send)(struct store *, const struct store_viewer *,
				  const struct store_send *,
				  const char *conversation,
				  struct store_sent *);
	enum store_status (*get)(struct store *, const struct store_viewer *,
				 const char *id, struct store_message *);
	enum store_status (*change)(struct store *, const struct store_viewer *,
				    const char *id, const struct store_edit *,
				    struct store_change *);
	enum store_status (*react)(struct store *, const struct store_viewer *,
				   const char *id,
				   const struct store_reaction *,
				   struct store_change *);
	enum store_status (*range)(struct store *, const struct store_viewer *,
				   const char *conversation,
				   const struct store_range *,
				   store_each_message *, void *);
	enum store_status (*changes)(struct store *,
				     const struct store_viewer *,
				     const char *conversation,
				     const struct store_range *,
				     store_each_change *, void *);
	enum store_status (*search)(struct store *, const struct store_viewer *,
				    struct store_search *, store_each_message *,
				    void *);
	enum store_status (*page)(struct store *, const struct store_viewer *,
				  const char *conversation,
				  const struct store_page *,
				  struct store_range *);
	enum store_status (*files)(struct store *, const struct store_viewer *,
				   const char *conversation,
				   const struct store_showing *,
				   store_each_message *, void *);
	enum store_status (*seek)(struct store *, const struct store_viewer *,
				  const char *conversation, int64_t at_ms,
				  int64_t *seq);
};

/* The viewer sends. NOT_FOUND: no such user (or a disabled one, or a guest who
 * may not be written to), conversation that they are in, or message to reply
 * to. FORBIDDEN: a guest to somebody. To oneself: notes. STRANGER: it names
 * somebody who does not see the conversation. BLOCKING: the viewer blocks the
 * recipient. MUTED: as send says. A duplicate is found first, also where the
 * viewer has left. */
enum store_status store_send(struct store *store,
			     const struct store_viewer *viewer,
			     const struct store_send *send,
			     struct store_sent *out);

static inline enum store_status
store_message_get(struct store *store, const struct store_viewer *viewer,
		  const char *id, struct store_message *out)
{
	*out = (struct store_message){.id = ""};

	enum store_status status = store->messages->get(store, viewer, id, out);

	if (status != STORE_OK)
		store_message_done(out);
	return status;
}

/* The writer's own message (else FORBIDDEN); gives the change as it was folded
 * in. FORBIDDEN: edit of a deleted message. STRANGER: as above. The same
 * deletion, or the same edit, once more answers the change of the first time.
 * An edit while the other one of a direct conversation blocks the writer is
 * hidden: they see what was there before, until another edit is not. */
static inline enum store_status
store_message_change(struct store *store, const struct store_viewer *viewer,
		     const char *id, const struct store_edit *edit,
		     struct store_change *out)
{
	*out = (struct store_change){.change = 0};

	enum store_status status =
		store->messages->change(store, viewer, id, edit, out);

	if (status != STORE_OK)
		store_change_done(out);
	return status;
}

/* The viewer's reaction to a message that they see. It is gone with the message
 * (FORBIDDEN: to a deleted one, or to what a system says), and nobody else sees
 * that of somebody whom the other one of a direct conversation blocks. CROWDED:
 * there are as many kinds as one may have. BLOCKING: as above. Two that differ
 * in how they are to be drawn alone (U+FE0F) are one, in the spelling of the
 * first. The message is given as others see it. change 0: it was so already. */
static inline enum store_status
store_message_react(struct store *store, const struct store_viewer *viewer,
		    const char *id, const struct store_reaction *reaction,
		    struct store_change *out)
{
	*out = (struct store_change){.change = 0};

	enum store_status status =
		store->messages->react(store, viewer, id, reaction, out);

	if (status != STORE_OK)
		store_change_done(out);
	return status;
}

/* By seq, ascending. */
static inline enum store_status
store_messages(struct store *store, const struct store_viewer *viewer,
	       const char *conversation, const struct store_range *range,
	       store_each_message *each, void *context)
{
	return store->messages->range(store, viewer, conversation, range, each,
				      context);
}

/* By change, ascending, each with its message as it is now. */
static inline enum store_status
store_changes(struct store *store, const struct store_viewer *viewer,
	      const char *conversation, const struct store_range *range,
	      store_each_change *each, void *context)
{
	return store->messages->changes(store, viewer, conversation, range,
					each, context);
}

/* What the page spans, counting only what the viewer sees; hidden messages may
 * be in between. first > last: nothing. */
static inline enum store_status store_page(struct store *store,
					   const struct store_viewer *viewer,
					   const char *conversation,
					   const struct store_page *page,
					   struct store_range *out)
{
	*out = (struct store_range){1, 0};
	return store->messages->page(store, viewer, conversation, page, out);
}

/* Those that show a file, newest first. */
static inline enum store_status store_messages_with_files(
	struct store *store, const struct store_viewer *viewer,
	const char *conversation, const struct store_showing *showing,
	store_each_message *each, void *context)
{
	return store->messages->files(store, viewer, conversation, showing,
				      each, context);
}

/* The first seq that was written then or later, of what the viewer sees; one
 * more than the newest where there is none. It looks at few messages, however
 * many there are. */
static inline enum store_status store_seek(struct store *store,
					   const struct store_viewer *viewer,
					   const char *conversation,
					   int64_t at_ms, int64_t *seq)
{
	*seq = 0;
	return store->messages->seek(store, viewer, conversation, at_ms, seq);
}

#endif
