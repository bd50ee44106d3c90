/*
 * tar - the head of a file in a tar archive (POSIX.1-2017, pax, "ustar
 * Interchange Format"), and what comes behind it. Pure.
 *
 *     head (512 bytes) | bytes of the file | zeros up to a multiple of 512
 *
 * Two blocks of zeros end the archive. Names are ours: ASCII, at most 100
 * bytes; a size is below 8 GiB.
 */
#ifndef TAR_H
#define TAR_H

#include <stdint.h>

#define TAR_BLOCK 512
#define TAR_NAME_MAX 100

void tar_head(const char *name, int64_t size, int64_t at_ms,
	      char out[TAR_BLOCK]);

/* How many zeros are to come behind so many bytes. */
int64_t tar_padding(int64_t size);

#endif
