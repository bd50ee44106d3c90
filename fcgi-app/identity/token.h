/*
 * token - JSON Web Tokens (RFC 7519) with HS256 and nothing else; the only
 * file that knows libjwt.
 *
 * The key file has one `kid base64key` per line: the first signs, all verify.
 */
#ifndef TOKEN_H
#define TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "ids.h"

#define TOKEN_KEY_SIZE 32
#define TOKEN_KEYS_MAX 8
#define TOKEN_TEXT_MAX 2048

struct token_keys;

struct token_claims {
	char user[ID_SIZE], session[ID_SIZE];
	int64_t issued_at, expires_at; /* ms */
};

enum token_status {
	TOKEN_OK,
	TOKEN_INVALID, /* not ours, not HS256, cut, or not a token at all */
	TOKEN_EXPIRED, /* ours, and over */
};

/* Makes the file, mode 0600, when there is none. NULL, or one clear line
 * (the caller frees it). */
char *token_keys_ensure(const char *path);

/* A new key in two steps, between which every process has to have read the file
 * again, so that each knows the key before any signs with it: the first puts it
 * at the end, where it only verifies, in the place of the last one when there
 * are as many as there may be; the second moves the last one to the top. NULL,
 * or one clear line (the caller frees it): the file is as it was. */
char *token_keys_add(const char *path);
char *token_keys_sign_with_last(const char *path);

/* NULL, and one clear line in *error (the caller frees it). */
struct token_keys *token_keys_load(const char *path, char **error);
/* The same from the file's text. */
struct token_keys *token_keys_parse(const char *text, char **error);
void token_keys_free(struct token_keys *keys); /* NULL: no-op */

/* The caller frees it. */
char *token_make(const struct token_keys *keys,
		 const struct token_claims *claims);

/* keys remember the tokens that were ours lately, each by its digest: whether
 * it is over is decided anew every time. */
enum token_status token_check(struct token_keys *keys, const char *token,
			      int64_t now_ms, struct token_claims *out);

#endif
