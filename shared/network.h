/*
 * network - from where somebody asks, as far as it tells people apart: an
 * address of IPv4, the first half of one of IPv6, whose holder has all the rest
 * (RFC 4291, section 2.5.4). nginx counts alike (nginx/server.conf.in).
 */
#ifndef NETWORK_H
#define NETWORK_H

#include <stdbool.h>
#include <stddef.h>

#define NETWORK_SIZE 46

/* What is no address is a network of its own, cut to the size. */
void network_of(const char *address, char out[NETWORK_SIZE]);

/* Are the first len bytes an address, or a network as 192.0.2.0/24? */
bool network_valid(const char *text, size_t len);
/* Is the address one of list, or in a network of list? They are separated by
 * blanks. */
bool network_listed(const char *list, const char *address);

#endif
