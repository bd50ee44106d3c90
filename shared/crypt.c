#include "crypt.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "mem.h"

/* OWASP's first choice for Argon2id: 19 MiB, 2 passes. */
#define HASH_MEMORY ((size_t)19 * 1024 * 1024)
#define HASH_PASSES 2

static_assert(CRYPT_PASSWORD_HASH_SIZE >= crypto_pwhash_STRBYTES,
	      "a PHC string fits");

bool crypt_init(void)
{
	return sodium_init() >= 0;
}

void crypt_random(void *out, size_t len)
{
	randombytes_buf(out, len);
}

void crypt_sha256(const void *data, size_t len, uint8_t out[CRYPT_SHA256_SIZE])
{
	crypto_hash_sha256(out, data, len);
}

void crypt_password_hash(const char *password,
			 char out[CRYPT_PASSWORD_HASH_SIZE])
{
	if (crypto_pwhash_str_alg(out, password, strlen(password), HASH_PASSES,
				  HASH_MEMORY,
				  crypto_pwhash_ALG_ARGON2ID13) != 0)
		abort(); /* out of memory */
}

bool crypt_password_verify(const char *hash, const char *password)
{
	/* Made on first use, in the process that needs it: a hash of a
	 * password nobody knows, with today's cost. */
	static char nobody[CRYPT_PASSWORD_HASH_SIZE];

	if (nobody[0] == '\0') {
		char secret[33] = "";

		crypt_random(secret, sizeof(secret) - 1);
		crypt_password_hash(secret, nobody);
	}
	bool same = crypto_pwhash_str_verify(hash != NULL ? hash : nobody,
					     password, strlen(password)) == 0;
	return same && hash != NULL;
}

char *crypt_base64(const void *data, size_t len)
{
	size_t size =
		sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);
	char *text = xmalloc(size);

	return sodium_bin2base64(text, size, data, len,
				 sodium_base64_VARIANT_ORIGINAL);
}

long crypt_unbase64(const char *text, void *out, size_t out_size)
{
	size_t len;

	if (sodium_base642bin(out, out_size, text, strlen(text), NULL, &len,
			      NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
		return -1;
	return (long)len;
}

void crypt_wipe(void *secret, size_t len)
{
	sodium_memzero(secret, len);
}
