/*
 * origins - whether a page of an origin (RFC 6454) may read answers or connect:
 * one of a list, or one of the host that was asked for. Case says nothing, and
 * the port that is not written is the scheme's own.
 */
#ifndef ORIGINS_H
#define ORIGINS_H

#include <stdbool.h>

/* allowed: origins with white space between, "" for none; `null` and `file://`
 * may be among them. */
bool origins_listed(const char *allowed, const char *origin);

/* host: the Host header, which says no scheme: without a port it is asked for
 * at the origin's own. */
bool origins_same_host(const char *origin, const char *host);

/* "443" for https and wss, "80" for http and ws, "" for any other. */
const char *origins_default_port(const char *origin);

#endif
