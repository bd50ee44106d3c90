/*
 * message_write - the one write path of messages, for REST and sockets: a
 * checked input becomes a store verb and, once that is committed, the frames
 * that tell everyone.
 *
 * Each write has two halves. message_write_X() may run inside a batch of the
 * store; message_write_announce_X() appends the frames, and is called only
 * after the commit. What was there already (a duplicate, a mark that did not
 * move) is not told again.
 */
#ifndef MESSAGE_WRITE_H
#define MESSAGE_WRITE_H

#include "message_announce.h"
#include "store.h"

struct app;
struct buf;
struct edit_input;
struct json_text;
struct mark_input;
struct reaction_input;
struct request;
struct send_input;

/* Who writes, and by which request; all borrowed. */
struct message_author {
	const struct store_user *user;
	const char *request_id;
	int64_t now_ms;
};

/* By REST. */
struct message_author message_author_of(const struct request *request);

/* OK: *out is the caller's. */
enum store_status message_write_send(struct app *app,
				     const struct message_author *author,
				     const struct send_input *input,
				     struct store_sent *out);
/* Says where in out the message stands, as its author gets it; nowhere when it
 * is a duplicate. */
struct message_rendered
message_write_announce_send(struct app *app,
			    const struct message_author *author,
			    const struct store_sent *sent, struct buf *out);

enum store_status message_write_mark(struct app *app,
				     const struct message_author *author,
				     const struct mark_input *input, bool read,
				     struct store_read_marks *out);
void message_write_announce_marks(const struct message_author *author,
				  const struct store_read_marks *marks,
				  struct buf *out);

/* An edit, or with NULL a deletion. OK: *out is the caller's. */
enum store_status message_write_change(struct app *app,
				       const struct message_author *author,
				       const char *id,
				       const struct edit_input *input,
				       struct store_change *out);
/* The same of the message as it is now. */
struct message_rendered message_write_announce_change(
	struct app *app, const struct message_author *author,
	const struct store_change *change, struct buf *out);

/* A reaction comes or goes. OK: *out is the caller's; what was so already is
 * not told. */
enum store_status message_write_reaction(struct app *app,
					 const struct message_author *author,
					 const char *id,
					 const struct reaction_input *input,
					 struct store_change *out);
void message_write_announce_reaction(const struct message_author *author,
				     const struct store_change *change,
				     struct buf *out);

/* A message of somebody else's is shown to the operators; reason "" for none.
 * OK: *out is the caller's. */
enum store_status message_write_report(struct app *app,
				       const struct message_author *author,
				       const char *id, const char *reason,
				       struct store_reported *out);
void message_write_announce_report(struct app *app,
				   const struct message_author *author,
				   const struct store_reported *reported,
				   struct buf *out);

/* A message as viewer sees it, with the ticks it has by now:
 * view_message_write() or view_duplicate_write() of it. */
typedef void message_view(struct json_text *text, const char *key,
			  const struct store_message *message,
			  const struct store_conversation *conversation);
void message_write_view(struct app *app, const struct store_viewer *viewer,
			const struct store_message *message,
			struct json_text *text, const char *key,
			message_view *view);

#endif
