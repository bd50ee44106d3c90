#include "tar.h"

#include <assert.h>
#include <string.h>

/* ustar: name 100, mode 8, uid 8, gid 8, size 12, mtime 12, checksum 8, type 1,
 * link 100, magic 6, version 2, owner 32, group 32, device 16, prefix 155. */
enum {
	AT_NAME = 0,
	AT_MODE = 100,
	AT_UID = 108,
	AT_GID = 116,
	AT_SIZE = 124,
	AT_TIME = 136,
	AT_SUM = 148,
	AT_TYPE = 156,
	AT_MAGIC = 257,
};

/* Octal digits, and a NUL at the end of the field. */
static void put_octal(char *field, int width, int64_t number)
{
	field[width - 1] = '\0';
	for (int i = width - 2; i >= 0; i--, number /= 8)
		field[i] = (char)('0' + number % 8);
	assert(number == 0);
}

void tar_head(const char *name, int64_t size, int64_t at_ms,
	      char out[TAR_BLOCK])
{
	int64_t sum = 0;

	assert(strlen(name) <= TAR_NAME_MAX && size >= 0);
	memset(out, 0, TAR_BLOCK);
	memcpy(out + AT_NAME, name, strlen(name));
	put_octal(out + AT_MODE, 8, 0600);
	put_octal(out + AT_UID, 8, 0);
	put_octal(out + AT_GID, 8, 0);
	put_octal(out + AT_SIZE, 12, size);
	put_octal(out + AT_TIME, 12, at_ms > 0 ? at_ms / 1000 : 0);
	out[AT_TYPE] = '0';
	memcpy(out + AT_MAGIC, "ustar\00000", 8);
	/* Its own field counts as blanks. */
	memset(out + AT_SUM, ' ', 8);
	for (int i = 0; i < TAR_BLOCK; i++)
		sum += (unsigned char)out[i];
	put_octal(out + AT_SUM, 7, sum);
}

int64_t tar_padding(int64_t size)
{
	return (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
}
