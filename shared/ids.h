/*
 * ids - identifiers of 24 lower-case hexadecimal digits.
 *
 *     digits 0-11   milliseconds since 1970, big endian: ids sort by time
 *     digits 12-23  random (48 bits)
 */
#ifndef IDS_H
#define IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ID_BYTES 12
#define ID_LEN (2 * ID_BYTES)
#define ID_SIZE (ID_LEN + 1)

/* The server itself, as a user: who writes to it writes to its operators. */
#define ID_SERVER "000000000000000000000001"

/* palabrectl, where the audit says who did something; nobody's account. */
#define ID_CTL "000000000000000000000003"

/* The one conversation that everyone is in by their role. */
#define ID_LOBBY "000000000000000000000002"

/* Fills len bytes; crypt_random() in production. */
typedef void ids_random(void *out, size_t len);

void id_new(int64_t now_ms, ids_random *random, char out[ID_SIZE]);

/* The smallest id of that moment, for ranges by time. */
void id_floor(int64_t at_ms, char out[ID_SIZE]);

/* The milliseconds that it begins with. */
int64_t id_time(const char id[ID_SIZE]);

/* The id of the direct conversation of two users, the same for both orders:
 * the first 12 bytes of SHA-256(smaller id, larger id). With the server: that
 * of a user's support conversation. */
void id_direct(const char *user, const char *other, char out[ID_SIZE]);

bool id_valid(const char *text);

/* As bytes, which sort as the text does. False: text is no id. */
bool id_to_bytes(const char *text, uint8_t out[ID_BYTES]);
void id_from_bytes(const uint8_t bytes[ID_BYTES], char out[ID_SIZE]);

/* The id right behind that one. */
void id_next(char id[ID_SIZE]);

#endif
