#include "password_memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A hash's; and never what a library may map by the way. */
#define SMALLEST ((size_t)8 * 1024 * 1024)
#define LARGEST ((size_t)64 * 1024 * 1024)
#define HUGE_PAGE ((size_t)2 * 1024 * 1024)

static struct {
	char *base; /* LARGEST bytes of address space; at first NULL */
	size_t used;
	bool hashing, lent;
} memory;

void password_memory_begin(void)
{
	memory.hashing = true;
}

void password_memory_end(void)
{
	memory.hashing = false;
}

void password_memory_release(void)
{
	if (memory.used == 0 || memory.lent)
		return;
	madvise(memory.base, memory.used, MADV_DONTNEED);
	memory.used = 0;
}

/* Sanitizers have an mmap() of their own. A 32-bit one takes pages where this
 * takes bytes. */
#if !defined(__SANITIZE_ADDRESS__) && UINTPTR_MAX > UINT32_MAX

static void *map(void *at, size_t len, int protection, int flags, int fd,
		 off_t offset)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): so it answers */
	return (void *)syscall(SYS_mmap, at, len, protection, flags, fd,
			       offset);
}

/* In huge pages where the system has them for who asks: ten faults then, and
 * fewer misses. They begin at a multiple of their size. */
static bool reserve(void)
{
	if (memory.base != NULL)
		return true;

	char *base = map(NULL, LARGEST + HUGE_PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (base == MAP_FAILED)
		return false;
	memory.base = base + (HUGE_PAGE - (uintptr_t)base % HUGE_PAGE);
	madvise(memory.base, LARGEST, MADV_HUGEPAGE);
	return true;
}

void *mmap(void *at, size_t len, int protection, int flags, int fd,
	   off_t offset)
{
	bool hash = memory.hashing && !memory.lent && at == NULL && fd == -1 &&
		    len >= SMALLEST && len <= LARGEST;

	if (!hash || !reserve())
		return map(at, len, protection, flags, fd, offset);
	memory.lent = true;
	if (len > memory.used)
		memory.used = len;
	return memory.base;
}

int munmap(void *at, size_t len)
{
	if (!memory.lent || at != memory.base)
		return (int)syscall(SYS_munmap, at, len);
	memory.lent = false;
	return 0;
}

#endif
