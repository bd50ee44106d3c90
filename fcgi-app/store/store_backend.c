#include "store_backend.h"

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
	if (text == NULL)
		buf_adds(buf, "-");
	else
		buf_addf(buf, "%zu:%s", strlen(text), text);
}

void store_request_hash(const struct store_send *send, const char *conversation,
			uint8_t out[STORE_HASH_SIZE])
{
	uint8_t digest[CRYPT_SHA256_SIZE];
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
	crypt_sha256(buf.data, buf.len, digest);
	memcpy(out, digest, STORE_HASH_SIZE);
	buf_done(&buf);
	free(mentions);
}
