#include "ids.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypt.h"
#include "hex.h"

#define TIME_BYTES 6

static const char digits[] = "0123456789abcdef";

void id_from_bytes(const uint8_t bytes[ID_BYTES], char out[ID_SIZE])
{
	hex_print(bytes, ID_BYTES, out);
}

static void put_time(int64_t at_ms, uint8_t *bytes)
{
	for (int i = TIME_BYTES - 1; i >= 0; i--) {
		bytes[i] = (uint8_t)(at_ms & 0xff);
		at_ms >>= 8;
	}
}

void id_new(int64_t now_ms, ids_random *random, char out[ID_SIZE])
{
	uint8_t bytes[ID_BYTES];

	put_time(now_ms, bytes);
	random(bytes + TIME_BYTES, ID_BYTES - TIME_BYTES);
	id_from_bytes(bytes, out);
}

void id_floor(int64_t at_ms, char out[ID_SIZE])
{
	uint8_t bytes[ID_BYTES] = {0};

	put_time(at_ms > 0 ? at_ms : 0, bytes);
	id_from_bytes(bytes, out);
}

int64_t id_time(const char id[ID_SIZE])
{
	char text[2 * TIME_BYTES + 1];

	memcpy(text, id, 2 * TIME_BYTES);
	text[2 * TIME_BYTES] = '\0';
	return strtoll(text, NULL, 16);
}

void id_direct(const char *user, const char *other, char out[ID_SIZE])
{
	bool swap = strcmp(user, other) > 0;
	char pair[2 * ID_LEN];
	uint8_t digest[CRYPT_SHA256_SIZE];

	assert(id_valid(user) && id_valid(other));
	memcpy(pair, swap ? other : user, ID_LEN);
	memcpy(pair + ID_LEN, swap ? user : other, ID_LEN);
	crypt_sha256(pair, sizeof(pair), digest);
	id_from_bytes(digest, out);
}

bool id_valid(const char *text)
{
	return strspn(text, "0123456789abcdef") == ID_LEN &&
	       text[ID_LEN] == '\0';
}

bool id_to_bytes(const char *text, uint8_t out[ID_BYTES])
{
	return hex_read(text, out, ID_BYTES);
}

void id_next(char id[ID_SIZE])
{
	for (int i = ID_LEN - 1; i >= 0; i--) {
		const char *digit = strchr(digits, id[i]);

		if (digit[1] != '\0') {
			id[i] = digit[1];
			return;
		}
		id[i] = '0';
	}
}
