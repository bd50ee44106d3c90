#include "store_finds.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

void store_finds_init(struct store_finds *finds, struct store_search *search)
{
	finds->search = search;
	finds->find = xcalloc(search->limit + 2, sizeof(*finds->find));
	finds->count = 0;
}

void store_finds_done(struct store_finds *finds)
{
	free(finds->find);
}

/* One that is hidden is seen by who wrote it. */
bool store_finds_wants(const struct store_finds *finds,
		       const struct store_viewer *viewer, const char *sender,
		       bool hidden, const char *content)
{
	const struct store_search *search = finds->search;

	return (!hidden || strcmp(sender, viewer->id) == 0) &&
	       (search->from == NULL || strcmp(sender, search->from) == 0) &&
	       content != NULL && store_terms_match(search->terms, content);
}

void store_finds_add(struct store_finds *finds, const struct store_find *find)
{
	size_t at = finds->count;

	while (at > 0 && strcmp(finds->find[at - 1].id, find->id) < 0)
		at--;
	if (finds->count <= finds->search->limit)
		finds->count++;
	else if (at == finds->count)
		return;
	memmove(&finds->find[at + 1], &finds->find[at],
		(finds->count - 1 - at) * sizeof(finds->find[0]));
	finds->find[at] = *find;
}

bool store_finds_has_newer(const struct store_finds *finds, const char *id)
{
	size_t limit = finds->search->limit;

	return finds->count > limit && strcmp(finds->find[limit].id, id) > 0;
}

void store_finds_leave_out(struct store_finds *finds, const char *id)
{
	if (strcmp(id, finds->search->next) > 0)
		memcpy(finds->search->next, id, ID_SIZE);
}

size_t store_finds_end(struct store_finds *finds)
{
	const struct store_search *search = finds->search;
	size_t count = 0;

	if (finds->count > search->limit)
		store_finds_leave_out(finds, finds->find[search->limit].id);
	while (count < finds->count && count < search->limit &&
	       strcmp(finds->find[count].id, search->next) > 0)
		count++;
	return count;
}
