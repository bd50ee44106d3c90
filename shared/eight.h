/*
 * eight - bytes looked at eight at a time, as one number.
 */
#ifndef EIGHT_H
#define EIGHT_H

#include <stdint.h>
#include <string.h>

#define EIGHT_OF(byte) (UINT64_C(0x0101010101010101) * (byte))

static inline uint64_t eight_at(const char *bytes)
{
	uint64_t eight;

	memcpy(&eight, bytes, sizeof(eight));
	return eight;
}

/* Not 0: one of them is below limit (at most 0x80). */
static inline uint64_t eight_below(uint64_t eight, unsigned char limit)
{
	return (eight - EIGHT_OF(limit)) & ~eight & EIGHT_OF(0x80);
}

/* Not 0: one of them is that byte. */
static inline uint64_t eight_has(uint64_t eight, unsigned char byte)
{
	return eight_below(eight ^ EIGHT_OF(byte), 1);
}

#endif
