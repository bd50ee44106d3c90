#include "store_sqlite.h"

#include <string.h>

#include "mem.h"

void sqlite_user_shown_row(const struct query *q, int column,
			   struct store_user *out)
{
	memset(out, 0, sizeof(*out));
	query_id(q, column++, out->id);
	out->username = query_text(q, column++);
	out->display_name = query_text(q, column++);
	out->avatar = query_text(q, column++);
	out->status_text = query_text(q, column++);
	out->role = (enum store_role)query_int(q, column++);
	out->created_at = query_int(q, column++);
	out->last_seen = query_int(q, column);
}

void sqlite_user_row(const struct query *q, int column, struct store_user *out)
{
	sqlite_user_shown_row(q, column, out);
	column += USER_SHOWN_COLUMN_COUNT;
	out->email = query_text(q, column++);
	out->disabled = query_int(q, column++) != 0;
	out->muted_until = query_int(q, column++);
	out->failures = query_int(q, column++);
	out->locked_until = query_int(q, column++);
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

void sqlite_place_row(const struct query *q, int column,
		      struct sqlite_place *out)
{
	query_id(q, column, out->conversation);
	out->kind = (enum store_conversation_kind)query_int(q, column + 1);
	query_id(q, column + 2, out->low);
	query_id(q, column + 3, out->high);
}

void sqlite_message_row_in(const struct query *q, int column,
			   const struct sqlite_place *place,
			   struct store_message *out)
{
	int64_t edited, deleted; /* changes that did it; 0: none */

	*out = (struct store_message){.conversation_kind = place->kind};
	memcpy(out->conversation, place->conversation, ID_SIZE);
	query_id(q, column++, out->id);
	out->seq = query_int(q, column++);
	out->kind = (enum store_message_kind)query_int(q, column++);
	query_id(q, column++, out->sender);
	out->sender_name = query_text(q, column++);
	out->content = query_text(q, column++);
	out->client_id = query_text(q, column++);
	query_id(q, column++, out->reply_to);
	out->created_at = query_int(q, column++);
	edited = query_int(q, column++);
	deleted = query_int(q, column);
	out->edited = edited != 0;
	out->deleted = deleted != 0;
	out->change = edited > deleted ? edited : deleted;
	memcpy(out->recipient,
	       strcmp(place->low, out->sender) == 0 ? place->high : place->low,
	       ID_SIZE);
}

void sqlite_message_row(const struct query *q, int column,
			struct store_message *out)
{
	struct sqlite_place place;

	sqlite_place_row(q, column + MESSAGE_OWN_COLUMN_COUNT, &place);
	sqlite_message_row_in(q, column, &place, out);
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
