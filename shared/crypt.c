#include "crypt.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "mem.h"

/* OWASP's first choice for Argon2id: 19 MiB, 2 passes. */
#define HASH_MEMORY ((size_t)19 * 1024 * 1024)
#define HASH_PASSES 2

static_assert(CRYPT_PASSWORD_HASH_SIZE >= crypto_pwhash_STRBYTES,
	      "a PHC string fits");
static_assert(CRYPT_SEED_SIZE == crypto_shorthash_KEYBYTES, "a whole key");

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

void crypt_digest(const void *data, size_t len, uint8_t out[CRYPT_DIGEST_SIZE])
{
	crypto_generichash(out, CRYPT_DIGEST_SIZE, data, len, NULL, 0);
}

uint64_t crypt_hash(const void *data, size_t len,
		    const uint8_t seed[CRYPT_SEED_SIZE])
{
	uint8_t out[crypto_shorthash_BYTES];
	uint64_t hash;

	static_assert(sizeof(out) == sizeof(hash), "64 bits");
	crypto_shorthash(out, data, len, seed);
	memcpy(&hash, out, sizeof(hash));
	return hash;
}

void crypt_password_hash(const char *password,
			 char out[CRYPT_PASSWORD_HASH_SIZE])
{
	if (crypto_pwhash_str_alg(out, password, strlen(password), HASH_PASSES,
				  HASH_MEMORY,
				  crypto_pwhash_ALG_ARGON2ID13) != 0)
		abort(); /* out of memory */
}

/* As if of a password, with today's cost; but nobody knows one that gives it,
 * and to make it up costs nothing. */
static void nobodys_hash(char out[CRYPT_PASSWORD_HASH_SIZE])
{
	uint8_t salt[crypto_pwhash_SALTBYTES], result[32];
	char salt64[24], result64[44];

	crypt_random(salt, sizeof(salt));
	crypt_random(result, sizeof(result));
	sodium_bin2base64(salt64, sizeof(salt64), salt, sizeof(salt),
			  sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
	sodium_bin2base64(result64, sizeof(result64), result, sizeof(result),
			  sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
	snprintf(out, CRYPT_PASSWORD_HASH_SIZE,
		 "$argon2id$v=19$m=%zu,t=%d,p=1$%s$%s", HASH_MEMORY / 1024,
		 HASH_PASSES, salt64, result64);
	/* One that is not understood would be refused at no cost. */
	assert(crypto_pwhash_str_needs_rehash(out, HASH_PASSES, HASH_MEMORY) ==
	       0);
}

bool crypt_password_verify(const char *hash, const char *password)
{
	char nobody[CRYPT_PASSWORD_HASH_SIZE];

	if (hash == NULL)
		nobodys_hash(nobody);

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
