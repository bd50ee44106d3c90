#include "store_sqlite.h"

#include <string.h>

#include "mem.h"

void sqlite_user_row(const struct query *q, int column, struct store_user *out)
{
	memset(out, 0, sizeof(*out));
	query_id(q, column++, out->id);
	out->username = query_text(q, column++);
	out->email = query_text(q, column++);
	out->display_name = query_text(q, column++);
	out->avatar = query_text(q, column++);
	out->status_text = query_text(q, column++);
	out->role = (enum store_role)query_int(q, column++);
	out->disabled = query_int(q, column++) != 0;
	out->muted_until = query_int(q, column++);
	out->failures = query_int(q, column++);
	out->locked_until = query_int(q, column++);
	out->created_at = query_int(q, column++);
	out->last_seen = query_int(q, column++);
	out->password_hash = query_text(q, column);
}

static char *own(const char *text)
{
	return text != NULL ? xstrdup(text) : NULL;
}

void sqlite_user_own(struct store_user *user)
{
	user->username = own(user->username);
	user->email = own(user->email);
	user->display_name = own(user->display_name);
	user->avatar = own(user->avatar);
	user->status_text = own(user->status_text);
	user->password_hash = own(user->password_hash);
}

/* The one of low and high that did not write it; neither is set outside
 * direct conversations. */
static void set_recipient(const struct query *q, int low, int high,
			  struct store_message *out)
{
	char id[ID_SIZE];

	query_id(q, low, id);
	if (strcmp(id, out->sender) == 0)
		query_id(q, high, out->recipient);
	else
		memcpy(out->recipient, id, ID_SIZE);
}

void sqlite_message_row(const struct query *q, int column,
			struct store_message *out)
{
	int64_t edited, deleted; /* changes that did it; 0: none */

	memset(out, 0, sizeof(*out));
	query_id(q, column++, out->id);
	query_id(q, column++, out->conversation);
	out->seq = query_int(q, column++);
	out->kind = (enum store_message_kind)query_int(q, column++);
	query_id(q, column++, out->sender);
	out->sender_name = query_text(q, column++);
	out->content = query_text(q, column++);
	out->client_id = query_text(q, column++);
	query_id(q, column++, out->reply_to);
	out->created_at = query_int(q, column++);
	edited = query_int(q, column++);
	deleted = query_int(q, column++);
	out->edited = edited != 0;
	out->deleted = deleted != 0;
	out->change = edited > deleted ? edited : deleted;
	out->in = (enum store_conversation_kind)query_int(q, column++);
	set_recipient(q, column, column + 1, out);
}

void sqlite_message_own(struct store_message *message)
{
	message->sender_name = own(message->sender_name);
	message->content = own(message->content);
	message->client_id = own(message->client_id);
}

void sqlite_change_row(const struct query *q, int column,
		       struct store_change *out)
{
	memset(out, 0, sizeof(*out));
	out->change = query_int(q, column);
	out->kind = (enum store_change_kind)query_int(q, column + 1);
	out->created_at = query_int(q, column + 2);
	sqlite_message_row(q, column + CHANGE_COLUMN_COUNT, &out->message);
	memcpy(out->conversation, out->message.conversation, ID_SIZE);
}
