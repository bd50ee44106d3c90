#include "store_search.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "text.h"

/* What stands on both sides of a phrase. */
static const char *const quotes[] = {"\"", "\xe2\x80\x9c", "\xe2\x80\x9d",
				     "\xc2\xab", "\xc2\xbb"};
static const char blanks[] = " \t\r\n";

/* Bytes of the quote that stands here; 0: there is none. */
static size_t quote_len(const char *at)
{
	for (size_t i = 0; i < COUNT_OF(quotes); i++) {
		size_t len = strlen(quotes[i]);

		if (strncmp(at, quotes[i], len) == 0)
			return len;
	}
	return 0;
}

/* From the quote that ends a phrase, or a blank that ends a word, on. */
static const char *end_of(const char *at, bool quoted)
{
	while (*at != '\0' && quote_len(at) == 0 &&
	       (quoted || strchr(blanks, *at) == NULL))
		at++;
	return at;
}

/* One sign is too short a beginning; one of those that are words is whole. */
static bool is_beginning(const char *term)
{
	const char *last = strrchr(term, ' ');

	return last != NULL && text_length(last + 1) > 1;
}

static bool terms_add(struct store_terms *terms, const char *from,
		      const char *to, bool whole)
{
	char *part = xstrndup(from, (size_t)(to - from));
	char *words = text_words(part);
	size_t len = strlen(words);
	bool fits = len < STORE_TERM_SIZE;

	if (fits && len > 1 && terms->count < STORE_TERMS) {
		char *term = terms->term[terms->count++];

		memcpy(term, words, len + 1);
		term[len - 1] = '\0';
		if (whole || !is_beginning(term))
			memcpy(term, words, len + 1);
	}
	free(words);
	free(part);
	return fits;
}

bool store_terms_read(const char *query, struct store_terms *out)
{
	bool quoted = false;

	out->count = 0;
	while (*query != '\0') {
		const char *end = end_of(query, quoted);
		size_t quote = quote_len(end);

		if (end > query &&
		    !terms_add(out, query, end, quoted || *end != '\0'))
			return false;
		quoted = quote > 0 ? !quoted : quoted;
		query = end + (quote > 0 ? quote : *end != '\0');
	}
	return out->count > 0;
}

bool store_terms_match(const struct store_terms *terms, const char *content)
{
	char *words = text_words(content);
	bool all = true;

	for (size_t i = 0; i < terms->count && all; i++)
		all = strstr(words, terms->term[i]) != NULL;
	free(words);
	return all;
}
