#include "ids.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypt.h"

#define TIME_BYTES 6

static const char digits[] = "0123456789abcdef";
/* Each byte's two: ids are made of bytes wherever there are many. */
#define ROW(a)                                                                 \
	a "0" a "1" a "2" a "3" a "4" a "5" a "6" a "7" a "8" a "9" a "a" a    \
	  "b" a "c" a "d" a "e" a "f"
static const char pairs[] = ROW("0") ROW("1") ROW("2") ROW("3") ROW("4")
	ROW("5") ROW("6") ROW("7") ROW("8") ROW("9") ROW("a") ROW("b") ROW("c")
		ROW("d") ROW("e") ROW("f");

void id_from_bytes(const uint8_t bytes[ID_BYTES], char out[ID_SIZE])
{
	for (size_t i = 0; i < ID_BYTES; i++)
		memcpy(out + 2 * i, pairs + (size_t)2 * bytes[i], 2);
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
	if (!id_valid(text))
		return false;
	for (size_t i = 0; i < ID_LEN; i++) {
		int digit = text[i] <= '9' ? text[i] - '0' : text[i] - 'a' + 10;

		out[i / 2] = (uint8_t)(out[i / 2] << 4 | digit);
	}
	return true;
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
