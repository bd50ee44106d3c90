/*
 * eight - bytes looked at eight at a time, as one number, of which the first
 * byte is the lowest. A test of them answers marks: 0 where none of the eight
 * passes it.
 */
#ifndef EIGHT_H
#define EIGHT_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define EIGHT_OF(byte) (UINT64_C(0x0101010101010101) * (byte))
#define EIGHT_HIGH EIGHT_OF(0x80)

static inline uint64_t eight_at(const char *bytes)
{
	uint64_t eight;

	memcpy(&eight, bytes, sizeof(eight));
	return le64toh(eight);
}

/* Of bytes that are not 0x80 and above: below limit. A borrow may mark more
 * behind the first that is. */
static inline uint64_t eight_below(uint64_t eight, unsigned char limit)
{
	return (eight - EIGHT_OF(limit)) & ~eight & EIGHT_HIGH;
}

static inline uint64_t eight_has(uint64_t eight, unsigned char byte)
{
	return eight_below(eight ^ EIGHT_OF(byte), 1);
}

/* The first that passed; marks are not 0. */
static inline size_t eight_first(uint64_t marks)
{
	return (size_t)__builtin_ctzll(marks) / 8;
}

#endif
