/*
 * backends - the stores the contract is proven on. A further backend is one
 * row in backends.c.
 */
#ifndef BACKENDS_H
#define BACKENDS_H

#include <stddef.h>

struct backend {
	const char *name;
	/* Those that it implements, NULL behind the last; NULL: all. */
	const char *const *subjects;
	const char *modules; /* where its module is; NULL: it is none */
	/* The URI of a fresh, empty store; the caller frees it. */
	char *(*make_uri)(void);
	/* Remove what make_uri() and the store left there. */
	void (*destroy)(const char *uri);
};

extern const struct backend backends[];
extern const size_t backend_count;

#endif
