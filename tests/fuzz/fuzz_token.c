/*
 * fuzz_token - a token as a stranger shows it, and the key file as an operator
 * edits it.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "mem.h"
#include "token.h"

static const char key_file[] =
	"k1 BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n";

static struct token_keys *fixed_keys(void)
{
	char *error;
	struct token_keys *keys = token_keys_parse(key_file, &error);

	assert(keys != NULL);
	return keys;
}

static void check_token(const char *text)
{
	struct token_claims claims;
	struct token_keys *keys = fixed_keys();

	/* What is taken at all has ids that the store may be asked for. */
	if (token_check(keys, text, 0, &claims) == TOKEN_OK)
		assert(id_valid(claims.user) && id_valid(claims.session));
	token_keys_free(keys);
}

static void check_key_file(const char *text)
{
	char *error;
	struct token_keys *keys = token_keys_parse(text, &error);

	assert((keys == NULL) == (error != NULL));
	free(error);
	token_keys_free(keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xmalloc(size + 1);

	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	check_token(text);
	check_key_file(text);
	free(text);
	return 0;
}
