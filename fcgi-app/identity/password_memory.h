/*
 * password_memory - one piece of memory for all the hashes of a process.
 *
 * libsodium maps 19 MiB for each Argon2 hash and unmaps them again, so that the
 * kernel clears 4,864 pages, one fault each, for every sign-in: as long again
 * as the hash itself takes. It can be given no memory of its caller's. So this
 * program has an mmap() and munmap() of its own, which come before libc's in
 * the order in which libraries look for them (ld.so(8)), and which are the
 * system calls and nothing else, but for what is mapped between the two calls
 * below.
 */
#ifndef PASSWORD_MEMORY_H
#define PASSWORD_MEMORY_H

/* What a hash maps in between is the memory that is kept. */
void password_memory_begin(void);
void password_memory_end(void);

/* Gives the pages back to the system; the next hash asks for new ones. */
void password_memory_release(void);

#endif
