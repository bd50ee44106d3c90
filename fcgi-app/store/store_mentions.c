#include "store_mentions.h"

#include "json_text.h"

char *store_mentions_text(const struct store_mention *mentions, size_t count)
{
	struct json_text text;
	char *out;

	if (count == 0)
		return NULL;
	json_text_init(&text);
	json_text_open(&text, NULL, '[');
	for (size_t i = 0; i < count; i++) {
		json_text_open(&text, NULL, '{');
		json_text_word(&text, "userId", mentions[i].user);
		json_text_int(&text, "start", mentions[i].start);
		json_text_int(&text, "length", mentions[i].length);
		json_text_close(&text, '}');
	}
	json_text_close(&text, ']');
	out = buf_take(&text.buf);
	json_text_done(&text);
	return out;
}
