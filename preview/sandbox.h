/*
 * sandbox - a process that may compute, and read and write what it holds open;
 * the only file that knows libseccomp (seccomp(2)).
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdbool.h>

struct sandbox_limits {
	unsigned long memory;	/* bytes of address space */
	unsigned long cpu_s;	/* seconds of processor time */
	unsigned long file_max; /* bytes that a file may grow to */
};

/* For the rest of this process. False: it could not be shut in. */
bool sandbox_enter(const struct sandbox_limits *limits);

#endif
