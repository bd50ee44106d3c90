#include "mongo_list.h"

#include <stdlib.h>

#include "mem.h"

void mongo_list_add(struct mongo_list *list, const struct mongo_field *doc)
{
	if (list->count == list->room) {
		list->room = list->room > 0 ? 2 * list->room : 16;
		list->docs =
			xrealloc(list->docs, list->room * sizeof(bson_t *));
	}
	list->docs[list->count++] = mongo_bson(doc);
}

void mongo_list_add_dated(struct mongo_list *list, const bson_t *row,
			  const char *array, const char *name)
{
	struct mongo_items items;

	mongo_items(row, array, &items);
	while (mongo_item(&items))
		mongo_list_add(
			list, DOC(TEXT(name, mongo_read_text(&items.row, name)),
				  INT("at", mongo_read_int(&items.row, "at"))));
}

void mongo_list_sort(struct mongo_list *list,
		     int (*order)(const void *, const void *))
{
	if (list->count > 1)
		qsort(list->docs, list->count, sizeof(*list->docs), order);
}

void mongo_list_done(struct mongo_list *list)
{
	while (list->count > 0)
		bson_destroy(list->docs[--list->count]);
	free(list->docs);
	*list = (struct mongo_list){.docs = NULL};
}
