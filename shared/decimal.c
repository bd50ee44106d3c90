#include "decimal.h"

#include <stddef.h>
#include <string.h>

char *decimal_put(char *to, int64_t number)
{
	char digits[DECIMAL_MAX];
	size_t at = sizeof(digits);
	uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;

	do
		digits[--at] = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (number < 0)
		digits[--at] = '-';
	return mempcpy(to, digits + at, sizeof(digits) - at);
}
