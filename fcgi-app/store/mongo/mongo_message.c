#include "mongo_message.h"

#include <string.h>

/* Borrowed: whoever owns a message makes copies. */
static char *text_of(const bson_t *row, const char *name)
{
	return (char *)mongo_read_text(row, name);
}

const char *mongo_message_content(const bson_t *row, bool own,
				  const char **mentions)
{
	bool aside = own && mongo_has(row, "hiddenContent");

	if (mentions != NULL)
		*mentions = mongo_read_text(row, aside ? "hiddenMentions"
						       : "mentions");
	return mongo_read_text(row, aside ? "hiddenContent" : "content");
}

static void message_texts(const bson_t *row, const char *viewer,
			  struct store_message *out)
{
	bool own = strcmp(out->sender, viewer) == 0;
	const char *mentions;

	/* Borrowed, as in text_of(). */
	out->content = (char *)mongo_message_content(row, own, &mentions);
	out->mentions = (char *)mentions;
	if (!own && mongo_has(row, "hiddenContent"))
		out->edited = mongo_read_bool(row, "shownEdited");
}

void mongo_message_read(const bson_t *row, const struct mongo_conversation *c,
			const char *viewer, struct store_message *out)
{
	/* By which changes; 0: none. */
	int64_t edited = mongo_read_int(row, "edited");
	int64_t deleted = mongo_read_int(row, "deleted");
	int64_t reacted = mongo_read_int(row, "reacted");

	*out = (struct store_message){
		.conversation_kind = c->kind,
		.seq = mongo_read_int(row, "seq"),
		.kind = (enum store_message_kind)mongo_read_int(row, "kind"),
		.sender_name = text_of(row, "name"),
		.client_id = text_of(row, "clientId"),
		.attachment = text_of(row, "attachment"),
		.created_at = mongo_read_int(row, "at"),
		.edited = edited != 0,
		.deleted = deleted != 0 || mongo_read_int(row, "erased") == 1,
		.hidden = mongo_read_int(row, "hidden") != 0,
		.reacted = reacted != 0,
		.change = store_larger(store_larger(edited, deleted), reacted),
	};
	memcpy(out->conversation, c->id, ID_SIZE);
	mongo_read_id(row, "_id", out->id);
	mongo_read_id(row, "sender", out->sender);
	mongo_read_id(row, "replyTo", out->reply_to);
	message_texts(row, viewer, out);
	memcpy(out->recipient, mongo_conversation_other(c, out->sender),
	       ID_SIZE);
	out->unseen =
		out->hidden && !mongo_conversation_blocks(c, out->recipient);
}

void mongo_change_read(const bson_t *row, const struct mongo_conversation *c,
		       struct store_change *out)
{
	*out = (struct store_change){
		.change = mongo_read_int(row, "change"),
		.kind = (enum store_change_kind)mongo_read_int(row, "kind"),
		.emoji = text_of(row, "emoji"),
		.on = !mongo_read_bool(row, "taken"),
		.hidden = mongo_read_bool(row, "hidden"),
		.created_at = mongo_read_int(row, "at"),
	};
	memcpy(out->conversation, c->id, ID_SIZE);
	mongo_read_id(row, "by", out->by);
	out->message.conversation_kind = c->kind;
	memcpy(out->message.conversation, c->id, ID_SIZE);
	memcpy(out->message.sender, out->by, ID_SIZE);
	memcpy(out->message.recipient,
	       mongo_conversation_other(c, out->message.sender), ID_SIZE);
}
