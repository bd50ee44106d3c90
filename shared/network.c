#include "network.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define HALF 8 /* bytes of an address of IPv6 */

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
