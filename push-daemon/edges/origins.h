/*
 * origins - whether a page of an origin (RFC 6454) may connect: one of the
 * allowed list, or the host that was asked for.
 */
#ifndef ORIGINS_H
#define ORIGINS_H

#include <stdbool.h>

/* allowed: origins with white space between, "" for none. host: the Host
 * header. */
bool origins_allow(const char *allowed, const char *origin, const char *host);

#endif
