/*
 * crypt - the only file that knows libsodium: random bytes, hashes, base64 and
 * password hashes (Argon2id, RFC 9106).
 */
#ifndef CRYPT_H
#define CRYPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRYPT_SHA256_SIZE 32
#define CRYPT_PASSWORD_HASH_SIZE 128

/* Call once per process before anything else here; false: no randomness. */
bool crypt_init(void);

void crypt_random(void *out, size_t len);
void crypt_sha256(const void *data, size_t len, uint8_t out[CRYPT_SHA256_SIZE]);

/* 128 bits of BLAKE2b (RFC 7693): where nobody else makes it, a third of the
 * time of a SHA-256. */
#define CRYPT_DIGEST_SIZE 16
void crypt_digest(const void *data, size_t len, uint8_t out[CRYPT_DIGEST_SIZE]);

/* For tables whose keys a peer may choose: without the seed nobody makes keys
 * that fall together (SipHash-2-4). */
#define CRYPT_SEED_SIZE 16
uint64_t crypt_hash(const void *data, size_t len,
		    const uint8_t seed[CRYPT_SEED_SIZE]);

/* A PHC string "$argon2id$..."; about 20 MiB and 15 ms on purpose. */
void crypt_password_hash(const char *password,
			 char out[CRYPT_PASSWORD_HASH_SIZE]);

/* hash may be NULL (no such user): costs the same, answers false. */
bool crypt_password_verify(const char *hash, const char *password);

/* Standard padded base64 of len bytes; the caller frees it. */
char *crypt_base64(const void *data, size_t len);

/* Decoded length, or -1 when text is not padded base64 or exceeds out_size. */
long crypt_unbase64(const char *text, void *out, size_t out_size);

/* Overwrite a secret so that the compiler cannot drop it. */
void crypt_wipe(void *secret, size_t len);

#endif
