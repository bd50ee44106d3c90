/*
 * mem - allocation that cannot fail: out of memory aborts, and the process
 * is restarted by whoever supervises it.
 */
#ifndef MEM_H
#define MEM_H

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

/* As malloc and friends, never NULL. The caller frees with free(). The sizes
 * are for _FORTIFY_SOURCE. */
void *xmalloc(size_t size) __attribute__((alloc_size(1)));
void *xcalloc(size_t count, size_t size) __attribute__((alloc_size(1, 2)));
void *xrealloc(void *old, size_t size) __attribute__((alloc_size(2)));
char *xstrdup(const char *text);
char *xstrndup(const char *text, size_t max);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *xvasprintf(const char *format, va_list args)
	__attribute__((format(printf, 1, 0)));

/* Zeros, shared with every process that is forked from here on. */
void *mem_shared_new(size_t size) __attribute__((alloc_size(1)));
void mem_shared_free(void *shared, size_t size); /* NULL: no-op */

/* What was freed goes back to the system, so that one big request does not make
 * a process big for good. Call the first once, at the start, and the second
 * every few seconds: it does something only where much is free. */
void mem_give_back_big(void);
void mem_give_back(void);

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
