/*
 * mongo_list - documents that are to be an array of another one, in order.
 *
 *	struct mongo_list members = {.docs = NULL};
 *
 *	mongo_list_add(&members, DOC(ID("u", user)));
 *	mongo_insert(db, IN_CONVERSATION, DOC(LIST("members", &members)));
 *	mongo_list_done(&members);
 */
#ifndef MONGO_LIST_H
#define MONGO_LIST_H

#include "mongo_bson.h"

struct mongo_list {
	bson_t **docs;
	size_t count, room;
};

void mongo_list_add(struct mongo_list *list, const struct mongo_field *doc);
/* Of each element of an array in the row: that text, and its "at". */
void mongo_list_add_dated(struct mongo_list *list, const bson_t *row,
			  const char *array, const char *name);
/* order: of two bson_t *const *. */
void mongo_list_sort(struct mongo_list *list,
		     int (*order)(const void *, const void *));
void mongo_list_done(struct mongo_list *list);

/* It as a field, which borrows it. */
#define LIST(n, list)                                                          \
	DOCS(n, (const bson_t *const *)(list)->docs, (list)->count)

#endif
