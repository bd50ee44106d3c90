#include "store_backend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "crypt.h"
#include "store_mentions.h"

char *store_config_get(const struct store_config *config, const char *key)
{
	return config->setting != NULL ? config->setting(config->settings, key)
				       : NULL;
}

int64_t store_sight(const struct store_viewer *viewer,
		    enum store_conversation_kind kind,
		    const struct store_member *me)
{
	if (me != NULL)
		return me->joined_seq > 1 ? me->joined_seq : 1;
	if (kind == CONVERSATION_SUPPORT)
		return viewer->role == ROLE_OPERATOR;
	return kind == CONVERSATION_LOBBY;
}

void store_new_id(const char newest[ID_SIZE], int64_t now_ms,
		  ids_random *random, char out[ID_SIZE])
{
	id_new(now_ms, random, out);
	if (strcmp(out, newest) <= 0) {
		memcpy(out, newest, ID_SIZE);
		id_next(out);
	}
}

/* Each field with its length, so that no two requests give the same bytes. */
static void add_field(struct buf *buf, const char *text)
{
	uint32_t len = text != NULL ? (uint32_t)strlen(text) : UINT32_MAX;
	const uint8_t bytes[] = {(uint8_t)len, (uint8_t)(len >> 8),
				 (uint8_t)(len >> 16), (uint8_t)(len >> 24)};

	buf_add(buf, bytes, sizeof(bytes));
	if (text != NULL)
		buf_add(buf, text, len);
}

void store_request_hash(const struct store_send *send, const char *conversation,
			uint8_t out[STORE_HASH_SIZE])
{
	_Static_assert(STORE_HASH_SIZE == CRYPT_DIGEST_SIZE, "one digest");
	char *mentions =
		store_mentions_text(send->mentions, send->mention_count);
	struct buf buf;

	buf_init(&buf, SIZE_MAX / 2);
	add_field(&buf, conversation);
	add_field(&buf, store_message_kind_name(send->kind));
	add_field(&buf, send->content);
	add_field(&buf, send->reply_to);
	if (send->attachment != NULL)
		add_field(&buf, send->attachment);
	if (mentions != NULL)
		add_field(&buf, mentions);
	crypt_digest(buf.data, buf.len, out);
	buf_done(&buf);
	free(mentions);
}

void store_import_hash(const struct store_import_message *row,
		       const char *conversation, uint8_t out[STORE_HASH_SIZE])
{
	const struct store_send send = {
		.kind = row->message.kind,
		.content = row->message.content,
		.attachment = row->file,
	};

	store_request_hash(&send, conversation, out);
}

void store_import_id(char newest[ID_SIZE], const struct store_message *message,
		     ids_random *random)
{
	char next[ID_SIZE];

	memcpy(next, message->id, ID_SIZE);
	if (strcmp(next, newest) <= 0)
		store_new_id(newest, message->created_at, random, next);
	memcpy(newest, next, ID_SIZE);
}
