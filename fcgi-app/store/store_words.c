#include "store_words.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

static bool has_word(const struct store_words *words, const char *word)
{
	for (size_t i = 0; i < words->count; i++) {
		if (strcmp(words->word[i], word) == 0)
			return true;
	}
	return false;
}

bool store_words_read(const char *text, struct store_words *out)
{
	char *next;

	*out = (struct store_words){.text = text_seek(text)};
	next = out->text[0] != '\0' ? out->text : NULL;
	while (next != NULL) {
		const char *word = strsep(&next, " ");

		if (has_word(out, word))
			continue;
		if (out->count == STORE_WORDS_MAX)
			return false;
		out->word[out->count++] = word;
	}
	return out->count > 0;
}

void store_words_done(struct store_words *words)
{
	free(words->text);
}
