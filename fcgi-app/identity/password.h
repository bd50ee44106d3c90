/*
 * password - hashes of passwords. Each costs what it costs on purpose, so each
 * is a line of the log at level debug, by which tests count them. Compared in
 * NFKC: an é is one letter or two, as the keyboard has it.
 */
#ifndef PASSWORD_H
#define PASSWORD_H

#include <stdbool.h>

#include "crypt.h"

void password_hash(const char *password, char out[CRYPT_PASSWORD_HASH_SIZE]);

/* hash may be NULL (no such user): one hash, too, and false. One of bcrypt
 * (crypt(5)), which another system made, is of the bytes as they were typed. */
bool password_verify(const char *hash, const char *password);

/* Such a hash, which gives way to one of ours at the first sign-in. */
bool password_is_foreign(const char *hash);

/* Nothing is to be hashed just now: gives back the memory that is kept. */
void password_rest(void);

#endif
