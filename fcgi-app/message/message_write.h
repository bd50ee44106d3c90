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

#include "store.h"

struct app;
struct buf;
struct json_object;
struct mark_input;
struct send_input;

/* Who writes, and by which request; all borrowed. */
struct message_author {
	const struct store_user *user;
	const char *request_id;
	int64_t now_ms;
};

/* OK: *out is the caller's. */
enum store_status message_write_send(struct app *app,
				     const struct message_author *author,
				     const struct send_input *input,
				     struct store_sent *out);
void message_write_announce_send(struct app *app,
				 const struct message_author *author,
				 const struct store_sent *sent,
				 struct buf *out);

enum store_status message_write_mark(struct app *app,
				     const struct message_author *author,
				     const struct mark_input *input, bool read,
				     struct store_read_marks *out);
void message_write_announce_marks(const struct message_author *author,
				  const struct store_read_marks *marks,
				  struct buf *out);

/* An edit or deletion; content NULL leaves the text as it is. OK: *out is
 * the caller's. */
enum store_status
message_write_change(struct app *app, const struct message_author *author,
		     const char *id, enum store_change_kind kind,
		     const char *content, struct store_change *out);
/* Gives the message as the author sees it now. */
struct json_object *message_write_announce_change(
	struct app *app, const struct message_author *author,
	const struct store_change *change, struct buf *out);

/* A message as viewer sees it, with the ticks it has by now: view_message() or
 * view_duplicate() of it. */
typedef struct json_object *
message_view(const struct store_message *message,
	     const struct store_conversation *conversation);
struct json_object *message_write_view(struct app *app,
				       const struct store_viewer *viewer,
				       const struct store_message *message,
				       message_view *view);

#endif
