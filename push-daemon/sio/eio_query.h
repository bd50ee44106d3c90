/*
 * eio_query - decoded query parameters, as one list of "name=value" texts,
 * each ended by NUL, and an empty one at the end. Pure.
 */
#ifndef EIO_QUERY_H
#define EIO_QUERY_H

#include <stddef.h>

/* The value, borrowed; NULL when there is none. The first one counts. */
const char *eio_query_get(const char *query, const char *name);

/* Bytes of the list, its end included. */
size_t eio_query_size(const char *query);

#endif
