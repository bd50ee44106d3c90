#include "mongo_search.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "text.h"

#define BEGINNING '*'
#define SHORT_SIGNS 2
#define LONG_SIGNS 4
/* A word as it is, and its beginnings. */
#define TOKENS_A_WORD 3

/* ---- one word ---- */

/* The bytes of so many signs of a word of that many bytes; 0: it has fewer. */
static size_t token_signs(const char *word, size_t len, size_t signs)
{
	size_t at = 0;

	while (signs > 0 && at < len) {
		at++;
		while (at < len && ((unsigned char)word[at] & 0xc0) == 0x80)
			at++;
		signs--;
	}
	return signs == 0 ? at : 0;
}

/* Of a whole word: as much as fits. */
static size_t token_whole(const char *word, size_t len,
			  char out[MONGO_TOKEN_SIZE])
{
	if (len >= MONGO_TOKEN_SIZE)
		len = MONGO_TOKEN_SIZE - 1;
	while (((unsigned char)word[len] & 0xc0) == 0x80)
		len--;
	memcpy(out, word, len);
	out[len] = '\0';
	return len;
}

/* Of its first signs; 0: it has not so many. */
static size_t token_beginning(const char *word, size_t len, size_t signs,
			      char out[MONGO_TOKEN_SIZE])
{
	size_t bytes = token_signs(word, len, signs);

	if (bytes == 0)
		return 0;
	memcpy(out, word, bytes);
	out[bytes] = BEGINNING;
	out[bytes + 1] = '\0';
	return bytes + 1;
}

/* ---- those of a text ---- */

struct token_writer {
	struct mongo_tokens *out;
	char *to;
};

static void token_add(struct token_writer *writer, const char *token,
		      size_t len)
{
	if (len == 0)
		return;
	memcpy(writer->to, token, len + 1);
	writer->out->list[writer->out->count++] = writer->to;
	writer->to += len + 1;
}

static void token_add_word(struct token_writer *writer, const char *word,
			   size_t len)
{
	char token[MONGO_TOKEN_SIZE];

	token_add(writer, token, token_whole(word, len, token));
	token_add(writer, token,
		  token_beginning(word, len, SHORT_SIGNS, token));
	token_add(writer, token, token_beginning(word, len, LONG_SIGNS, token));
}

static int token_compare(const void *one, const void *other)
{
	return strcmp(*(const char *const *)one, *(const char *const *)other);
}

static void tokens_once(struct mongo_tokens *tokens)
{
	size_t kept = 0;

	if (tokens->count > 1)
		qsort(tokens->list, tokens->count, sizeof(*tokens->list),
		      token_compare);
	for (size_t i = 0; i < tokens->count; i++) {
		if (kept == 0 ||
		    strcmp(tokens->list[kept - 1], tokens->list[i]) != 0)
			tokens->list[kept++] = tokens->list[i];
	}
	tokens->count = kept;
}

static size_t count_blanks(const char *words)
{
	size_t count = 0;

	for (; *words != '\0'; words++)
		count += *words == ' ';
	return count;
}

void mongo_tokens_of(enum store_message_kind kind, const char *content,
		     struct mongo_tokens *out)
{
	struct token_writer writer = {.out = out};
	char *words;
	size_t most;

	*out = (struct mongo_tokens){.count = 0};
	if (content == NULL || *content == '\0' || kind >= MESSAGE_SYSTEM)
		return;
	words = text_words(content);
	most = TOKENS_A_WORD * count_blanks(words);
	/* A word, what begins it twice, and how each ends. */
	out->text = xmalloc(TOKENS_A_WORD * strlen(words) + 2 * most + 1);
	out->list = xcalloc(most + 1, sizeof(*out->list));
	writer.to = out->text;
	for (const char *at = words + strspn(words, " "); *at != '\0';
	     at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");

		token_add_word(&writer, at, len);
		at += len;
	}
	free(words);
	tokens_once(out);
}

void mongo_tokens_of_both(enum store_message_kind kind, const char *content,
			  const char *hidden, struct mongo_tokens *out)
{
	char *both =
		hidden != NULL ? xasprintf("%s %s", content, hidden) : NULL;

	mongo_tokens_of(kind, both != NULL ? both : content, out);
	free(both);
}

void mongo_tokens_done(struct mongo_tokens *tokens)
{
	free(tokens->text);
	free(tokens->list);
	*tokens = (struct mongo_tokens){.count = 0};
}

/* ---- what is asked for ---- */

static void token_prefer(const char *token, size_t len,
			 char out[MONGO_TOKEN_SIZE])
{
	if (len > strlen(out))
		memcpy(out, token, len + 1);
}

/* " a b " is two words, " a b" one and a beginning. */
static void token_of_term(const char *term, char out[MONGO_TOKEN_SIZE])
{
	char token[MONGO_TOKEN_SIZE];

	for (const char *at = term + strspn(term, " "); *at != '\0';
	     at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");
		size_t made;

		if (at[len] == ' ') {
			made = token_whole(at, len, token);
		} else {
			made = token_beginning(at, len, LONG_SIGNS, token);
			if (made == 0)
				made = token_beginning(at, len, SHORT_SIGNS,
						       token);
		}
		token_prefer(token, made, out);
		at += len;
	}
}

void mongo_token_of_terms(const struct store_terms *terms,
			  char out[MONGO_TOKEN_SIZE])
{
	out[0] = '\0';
	for (size_t i = 0; i < terms->count; i++)
		token_of_term(terms->term[i], out);
}
