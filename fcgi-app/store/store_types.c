#include "store_types.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

const char *store_user_name(const struct store_user *user)
{
	return user->display_name != NULL && user->display_name[0] != '\0'
		       ? user->display_name
		       : user->username;
}

bool store_user_is_muted(const struct store_user *user, int64_t now_ms)
{
	return user->muted_until > now_ms;
}

void store_user_done(struct store_user *user)
{
	free(user->username);
	free(user->email);
	free(user->display_name);
	free(user->avatar);
	free(user->status_text);
	free(user->password_hash);
	memset(user, 0, sizeof(*user));
}

void store_session_done(struct store_session *session)
{
	free(session->agent);
	free(session->address);
	memset(session, 0, sizeof(*session));
}

void store_message_done(struct store_message *message)
{
	free(message->sender_name);
	free(message->content);
	free(message->client_id);
	free(message->attachment);
	free(message->mentions);
	free(message->reactions);
	memset(message, 0, sizeof(*message));
}

void store_file_done(struct store_file *file)
{
	free(file->name);
	free(file->mime);
	memset(file, 0, sizeof(*file));
}

void store_change_done(struct store_change *change)
{
	store_message_done(&change->message);
	free(change->emoji);
	free(change->later);
	memset(change, 0, sizeof(*change));
}

void store_own_done(struct store_own *own)
{
	free(own->draft);
	memset(own, 0, sizeof(*own));
}

/* ---- what is borrowed ---- */

static char *own(const char *text)
{
	return text != NULL ? xstrdup(text) : NULL;
}

void store_user_own(struct store_user *user)
{
	user->username = own(user->username);
	user->email = own(user->email);
	user->display_name = own(user->display_name);
	user->avatar = own(user->avatar);
	user->status_text = own(user->status_text);
	user->password_hash = own(user->password_hash);
}

void store_message_own(struct store_message *message)
{
	message->sender_name = own(message->sender_name);
	message->content = own(message->content);
	message->client_id = own(message->client_id);
	message->attachment = own(message->attachment);
	message->mentions = own(message->mentions);
	message->reactions = own(message->reactions);
}

void store_own_own(struct store_own *mine)
{
	mine->draft = own(mine->draft);
}

static void *own_bytes(const void *bytes, size_t size)
{
	return bytes != NULL ? memcpy(xmalloc(size), bytes, size) : NULL;
}

void store_conversation_own(struct store_conversation *c)
{
	c->title = own(c->title);
	c->avatar = own(c->avatar);
	store_own_own(&c->own);
	c->members =
		own_bytes(c->members, c->member_count * sizeof(*c->members));
	c->other = own_bytes(c->other, sizeof(*c->other));
	if (c->other != NULL)
		store_user_own(c->other);
	c->last_message = own_bytes(c->last_message, sizeof(*c->last_message));
	if (c->last_message != NULL)
		store_message_own(c->last_message);
}

void store_conversation_done(struct store_conversation *conversation)
{
	free(conversation->title);
	free(conversation->avatar);
	free(conversation->members);
	store_own_done(&conversation->own);
	if (conversation->other != NULL)
		store_user_done(conversation->other);
	free(conversation->other);
	if (conversation->last_message != NULL)
		store_message_done(conversation->last_message);
	free(conversation->last_message);
	memset(conversation, 0, sizeof(*conversation));
}

const char *store_role_name(enum store_role role)
{
	static const char *const names[] = {
		[ROLE_USER] = "user",
		[ROLE_OPERATOR] = "operator",
		[ROLE_GUEST] = "guest",
	};

	return names[role];
}

const char *store_conversation_kind_name(enum store_conversation_kind kind)
{
	static const char *const names[] = {
		[CONVERSATION_DIRECT] = "direct",
		[CONVERSATION_GROUP] = "group",
		[CONVERSATION_SUPPORT] = "support",
		[CONVERSATION_LOBBY] = "lobby",
	};

	return names[kind];
}

const char *store_message_kind_name(enum store_message_kind kind)
{
	static const char *const names[] = {
		[MESSAGE_TEXT] = "text",
		[MESSAGE_FILE] = "file",
		[MESSAGE_SYSTEM] = "system",
		[MESSAGE_HIDDEN] = "hidden",
	};

	return names[kind];
}
