#include "hex.h"

#include <string.h>

/* Each byte's two: there are ids wherever there are many of anything. */
#define ROW(a)                                                                 \
	a "0" a "1" a "2" a "3" a "4" a "5" a "6" a "7" a "8" a "9" a "a" a    \
	  "b" a "c" a "d" a "e" a "f"
static const char pairs[] = ROW("0") ROW("1") ROW("2") ROW("3") ROW("4")
	ROW("5") ROW("6") ROW("7") ROW("8") ROW("9") ROW("a") ROW("b") ROW("c")
		ROW("d") ROW("e") ROW("f");

/* One more than what it means; 0: it is none. */
static const int8_t meanings[256] = {
	['0'] = 1,  ['1'] = 2,	['2'] = 3,  ['3'] = 4,	['4'] = 5,  ['5'] = 6,
	['6'] = 7,  ['7'] = 8,	['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
	['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

void hex_print(const uint8_t *bytes, size_t len, char *out)
{
#pragma GCC unroll 4
	for (size_t i = 0; i < len; i++)
		memcpy(out + 2 * i, pairs + (size_t)2 * bytes[i], 2);
	out[2 * len] = '\0';
}

int hex_digit(char c)
{
	return meanings[(unsigned char)c] - 1;
}

bool hex_read(const char *text, uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		int high = hex_digit(text[2 * i]);
		int low = high < 0 ? -1 : hex_digit(text[2 * i + 1]);

		if (low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return text[2 * len] == '\0';
}
