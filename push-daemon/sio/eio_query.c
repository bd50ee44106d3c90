#include "eio_query.h"

#include <string.h>

const char *eio_query_get(const char *query, const char *name)
{
	size_t len = strlen(name);

	for (; *query != '\0'; query += strlen(query) + 1) {
		if (strncmp(query, name, len) == 0 && query[len] == '=')
			return query + len + 1;
	}
	return NULL;
}

size_t eio_query_size(const char *query)
{
	const char *at = query;

	while (*at != '\0')
		at += strlen(at) + 1;
	return (size_t)(at - query) + 1;
}
