#include "decimal.h"

#include <stddef.h>

static size_t decimal_length(uint64_t number)
{
	size_t length = 1;

	for (uint64_t more = 10; number >= more && length < DECIMAL_MAX;
	     more *= 10)
		length++;
	return length;
}

char *decimal_put(char *to, int64_t number)
{
	uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;

	/* Most are. */
	if (number >= 0 && number < 10) {
		*to = (char)('0' + number);
		return to + 1;
	}
	if (number < 0)
		*to++ = '-';

	char *end = to + decimal_length(left);

	for (char *digit = end; digit > to; left /= 10)
		*--digit = (char)('0' + left % 10);
	return end;
}
