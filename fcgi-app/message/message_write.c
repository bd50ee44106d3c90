#include "message_write.h"

#include <string.h>

#include "app.h"
#include "clock.h"
#include "message_announce.h"
#include "message_input.h"
#include "metrics.h"
#include "palabre_options.h"
#include "request.h"
#include "view.h"

struct message_author message_author_of(const struct request *request)
{
	return (struct message_author){
		.user = &request->user,
		.request_id = request->id,
		.now_ms = request->now_ms,
	};
}

static bool is_muted(const struct message_author *author)
{
	return store_user_is_muted(author->user, author->now_ms);
}

enum store_status message_write_send(struct app *app,
				     const struct message_author *author,
				     const struct send_input *input,
				     struct store_sent *out)
{
	const struct store_send send = {
		.sender_name = store_user_name(author->user),
		.to = input->to,
		.conversation = input->conversation,
		.client = input->client,
		.kind = input->attachment != NULL ? MESSAGE_FILE : MESSAGE_TEXT,
		.attachment = input->attachment,
		.content = input->content,
		.client_id = input->client_id,
		.reply_to = input->reply_to,
		.mentions = input->mentions.list,
		.mention_count = input->mentions.count,
		.guest_direct = app->options->guest_direct,
		.muted = is_muted(author),
		.now_ms = author->now_ms,
	};

	const struct store_viewer sender = store_viewer_of(author->user);

	return store_send(app->store, &sender, &send, out);
}

/* Everyone in it sees a conversation that this message opened, before the
 * message. Where the store fails now, a client asks for what it does not know
 * when the message arrives. */
static void message_write_announce_opened(struct app *app,
					  const struct message_author *author,
					  const struct store_message *message,
					  struct buf *out)
{
	const struct store_viewer viewer = store_viewer_of(author->user);
	struct store_conversation conversation;

	if (store_conversation_get(app->store, &viewer, message->conversation,
				   &conversation) != STORE_OK)
		return;
	const struct announce_pair between = {
		.sender = message->sender,
		.recipient = message->recipient,
		.hidden = message->hidden,
	};

	message_announce_opened(out, &conversation, &between,
				author->request_id);
	store_conversation_done(&conversation);
}

struct message_rendered
message_write_announce_send(struct app *app,
			    const struct message_author *author,
			    const struct store_sent *sent, struct buf *out)
{
	if (sent->duplicate)
		return (struct message_rendered){0, 0};
	metrics_count_message(app->metrics, clock_mono_ms());
	if (sent->opened)
		message_write_announce_opened(app, author, &sent->message, out);
	if (sent->marks.read_moved)
		message_announce_marks(out, &sent->marks, author->request_id);
	return message_announce_new(out, &sent->message, author->request_id);
}

/* A mark that names a message names its place. */
static enum store_status
message_write_place(struct app *app, const struct store_viewer *viewer,
		    const char *id, char conversation[ID_SIZE], int64_t *seq)
{
	struct store_message message;
	enum store_status status =
		store_message_get(app->store, viewer, id, &message);

	if (status != STORE_OK)
		return status;
	memcpy(conversation, message.conversation, ID_SIZE);
	*seq = message.seq;
	store_message_done(&message);
	return STORE_OK;
}

enum store_status message_write_mark(struct app *app,
				     const struct message_author *author,
				     const struct mark_input *input, bool read,
				     struct store_read_marks *out)
{
	const struct store_viewer viewer = store_viewer_of(author->user);
	char found[ID_SIZE] = "";
	const char *conversation = input->conversation;
	int64_t seq = input->seq;

	if (conversation == NULL) {
		enum store_status status = message_write_place(
			app, &viewer, input->message, found, &seq);

		if (status != STORE_OK)
			return status;
		conversation = found;
	}
	const struct store_reach reach = {
		.received_seq = seq,
		.read_seq = read ? seq : 0,
	};

	return store_mark_read(app->store, &viewer, conversation, &reach,
			       author->now_ms, out);
}

void message_write_announce_marks(const struct message_author *author,
				  const struct store_read_marks *marks,
				  struct buf *out)
{
	message_announce_marks(out, marks, author->request_id);
}

enum store_status message_write_change(struct app *app,
				       const struct message_author *author,
				       const char *id,
				       const struct edit_input *input,
				       struct store_change *out)
{
	const struct store_viewer viewer = store_viewer_of(author->user);
	const struct store_edit edit = {
		.kind = input != NULL ? CHANGE_EDIT : CHANGE_DELETE,
		.content = input != NULL ? input->content : NULL,
		.mentions = input != NULL ? input->mentions.list : NULL,
		.mention_count = input != NULL ? input->mentions.count : 0,
		.now_ms = author->now_ms,
	};

	/* To take back what was said one may. */
	if (is_muted(author) && input != NULL)
		return STORE_MUTED;
	return store_message_change(app->store, &viewer, id, &edit, out);
}

struct message_rendered message_write_announce_change(
	struct app *app, const struct message_author *author,
	const struct store_change *change, struct buf *out)
{
	const struct store_viewer viewer = store_viewer_of(author->user);
	struct store_conversation conversation;
	bool known = store_conversation_position(app->store, &viewer,
						 change->conversation,
						 &conversation) == STORE_OK;
	struct message_rendered rendered = message_announce_change(
		out, change, known ? &conversation : NULL, author->request_id);

	if (known)
		store_conversation_done(&conversation);
	return rendered;
}

enum store_status message_write_reaction(struct app *app,
					 const struct message_author *author,
					 const char *id,
					 const struct reaction_input *input,
					 struct store_change *out)
{
	const struct store_viewer viewer = store_viewer_of(author->user);
	const struct store_reaction reaction = {
		.emoji = input->emoji,
		.on = input->on,
		.now_ms = author->now_ms,
	};

	/* To take it back one may. */
	if (is_muted(author) && input->on)
		return STORE_MUTED;
	return store_message_react(app->store, &viewer, id, &reaction, out);
}

void message_write_announce_reaction(const struct message_author *author,
				     const struct store_change *change,
				     struct buf *out)
{
	if (change->change > 0)
		message_announce_reaction(out, change, author->request_id);
}

enum store_status message_write_report(struct app *app,
				       const struct message_author *author,
				       const char *id, const char *reason,
				       struct store_reported *out)
{
	const struct store_viewer viewer = store_viewer_of(author->user);
	const struct store_report report = {
		.message = id,
		.reason = reason,
		.reporter_name = store_user_name(author->user),
		.now_ms = author->now_ms,
	};

	return store_report(app->store, &viewer, &report, out);
}

void message_write_announce_report(struct app *app,
				   const struct message_author *author,
				   const struct store_reported *reported,
				   struct buf *out)
{
	message_write_announce_send(app, author, &reported->said, out);
	for (size_t i = 0; i < reported->count; i++)
		message_announce_new(out, &reported->copies[i],
				     author->request_id);
}

void message_write_view(struct app *app, const struct store_viewer *viewer,
			const struct store_message *message,
			struct json_text *text, const char *key,
			message_view *view)
{
	struct store_conversation conversation;
	bool known = store_conversation_position(app->store, viewer,
						 message->conversation,
						 &conversation) == STORE_OK;

	view(text, key, message, known ? &conversation : NULL);
	if (known)
		store_conversation_done(&conversation);
}
