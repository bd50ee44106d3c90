#include "network.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HALF 8 /* bytes of an address of IPv6 */
#define WHOLE_BITS 128
#define FOUR_BITS 32
#define WORD_SIZE 64 /* the longest text of one, and more */

/* ::ffff:192.0.2.1 is one of IPv4. */
static const uint8_t mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

void network_of(const char *address, char out[NETWORK_SIZE])
{
	struct in6_addr six;

	if (inet_pton(AF_INET6, address, &six) != 1) {
		snprintf(out, NETWORK_SIZE, "%s", address);
		return;
	}
	if (memcmp(&six, mapped, sizeof(mapped)) == 0) {
		inet_ntop(AF_INET, (const uint8_t *)&six + sizeof(mapped), out,
			  NETWORK_SIZE);
		return;
	}
	memset((uint8_t *)&six + HALF, 0, HALF);
	inet_ntop(AF_INET6, &six, out, NETWORK_SIZE);
}

/* ---- lists of them ---- */

/* Of IPv4 as mapped. *bits: how long it can be. */
static bool read_address(const char *text, uint8_t out[2 * HALF], long *bits)
{
	*bits = WHOLE_BITS;
	if (inet_pton(AF_INET6, text, out) == 1)
		return true;
	*bits = FOUR_BITS;
	memcpy(out, mapped, sizeof(mapped));
	return inet_pton(AF_INET, text, out + sizeof(mapped)) == 1;
}

/* *prefix: bits of it that count. */
static bool read_network(const char *text, size_t len, uint8_t out[2 * HALF],
			 long *prefix)
{
	char word[WORD_SIZE];
	char *slash, *end;
	long bits;

	if (len >= sizeof(word))
		return false;
	memcpy(word, text, len);
	word[len] = '\0';
	slash = strchr(word, '/');
	if (slash != NULL)
		*slash = '\0';
	if (!read_address(word, out, &bits))
		return false;
	*prefix = bits;
	if (slash != NULL) {
		*prefix = strtol(slash + 1, &end, 10);
		if (slash[1] < '0' || slash[1] > '9' || *end != '\0' ||
		    *prefix > bits)
			return false;
	}
	*prefix += WHOLE_BITS - bits;
	return true;
}

static bool same_start(const uint8_t *a, const uint8_t *b, long bits)
{
	size_t whole = (size_t)bits / 8;
	unsigned rest = (unsigned)bits % 8;

	return memcmp(a, b, whole) == 0 &&
	       (rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

bool network_valid(const char *text, size_t len)
{
	uint8_t bytes[2 * HALF];
	long prefix;

	return read_network(text, len, bytes, &prefix);
}

bool network_listed(const char *list, const char *address)
{
	uint8_t theirs[2 * HALF], ours[2 * HALF];
	long bits, prefix;

	if (!read_address(address, theirs, &bits))
		return false;
	while (*(list += strspn(list, " ")) != '\0') {
		size_t len = strcspn(list, " ");

		if (read_network(list, len, ours, &prefix) &&
		    same_start(ours, theirs, prefix))
			return true;
		list += len;
	}
	return false;
}
