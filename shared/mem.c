#include "mem.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static void *mem_or_abort(void *memory)
{
	if (memory == NULL)
		abort();
	return memory;
}

void *xmalloc(size_t size)
{
	return mem_or_abort(malloc(size > 0 ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
	return mem_or_abort(calloc(count > 0 ? count : 1, size > 0 ? size : 1));
}

void *xrealloc(void *old, size_t size)
{
	return mem_or_abort(realloc(old, size > 0 ? size : 1));
}

char *xstrdup(const char *text)
{
	return mem_or_abort(strdup(text));
}

char *xstrndup(const char *text, size_t max)
{
	return mem_or_abort(strndup(text, max));
}

char *xvasprintf(const char *format, va_list args)
{
	char *text = NULL;

	if (vasprintf(&text, format, args) < 0)
		abort();
	return text;
}

char *xasprintf(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *text = xvasprintf(format, args);

	va_end(args);
	return text;
}

void *mem_shared_new(size_t size)
{
	void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return mem_or_abort(shared != MAP_FAILED ? shared : NULL);
}

void mem_shared_free(void *shared, size_t size)
{
	if (shared != NULL)
		munmap(shared, size);
}

/* Left alone, glibc takes the first big piece that is freed as a sign that such
 * pieces are usual, and keeps the next ones. */
void mem_give_back_big(void)
{
	mallopt(M_MMAP_THRESHOLD, 128 * 1024);
	mallopt(M_TRIM_THRESHOLD, 512 * 1024);
}

void mem_give_back(void)
{
	struct mallinfo2 heap = mallinfo2();

	if (heap.fordblks > 4 * 1024 * 1024 && heap.fordblks > heap.uordblks)
		malloc_trim(0);
}
