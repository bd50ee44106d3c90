#include "ids.h"

#include <assert.h>
#include <string.h>

#include "crypt.h"

#define ID_BYTES (ID_LEN / 2)
#define TIME_BYTES 6

static void to_hex(const uint8_t *bytes, char out[ID_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < ID_BYTES; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[ID_LEN] = '\0';
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
	to_hex(bytes, out);
}

void id_floor(int64_t at_ms, char out[ID_SIZE])
{
	uint8_t bytes[ID_BYTES] = {0};

	put_time(at_ms > 0 ? at_ms : 0, bytes);
	to_hex(bytes, out);
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
	to_hex(digest, out);
}

bool id_valid(const char *text)
{
	return strspn(text, "0123456789abcdef") == ID_LEN &&
	       text[ID_LEN] == '\0';
}
