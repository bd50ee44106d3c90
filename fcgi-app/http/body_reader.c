#include "body_reader.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

static ssize_t pull(struct body_reader *reader, char *to, size_t len)
{
	if (reader->pull != NULL)
		return reader->pull(reader->context, to, len);
	memcpy(to, (const char *)reader->context + reader->taken, len);
	return (ssize_t)len;
}

size_t body_reader_next(struct body_reader *reader, char *to, size_t len)
{
	int64_t left = reader->length - reader->taken;

	if (reader->broken || left <= 0 || len == 0)
		return 0;
	if ((int64_t)len > left)
		len = (size_t)left;
	ssize_t got = pull(reader, to, len);

	if (got <= 0) {
		reader->broken = true;
		return 0;
	}
	reader->taken += got;
	return (size_t)got;
}

char *body_reader_rest(struct body_reader *reader, size_t *len)
{
	size_t left = (size_t)(reader->length - reader->taken);
	char *rest = xmalloc(left + 1);
	size_t got;

	*len = 0;
	while ((got = body_reader_next(reader, rest + *len, left - *len)) > 0)
		*len += got;
	rest[*len] = '\0';
	if (!reader->broken)
		return rest;
	free(rest);
	return NULL;
}
