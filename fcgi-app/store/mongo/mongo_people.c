#include "mongo_people.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "store_mongo.h"

static int by_id(const void *one, const void *other)
{
	const struct store_user *a = one, *b = other;

	return strcmp(a->id, b->id);
}

void mongo_people_read(struct mongo_db *db, char (*ids)[ID_SIZE], size_t count,
		       struct mongo_people *out)
{
	const char **texts = xcalloc(count + 1, sizeof(*texts));
	struct mongo_rows rows;

	*out = (struct mongo_people){NULL, 0};
	for (size_t i = 0; i < count; i++)
		texts[i] = ids[i];
	if (count > 0) {
		out->users = xcalloc(count, sizeof(*out->users));
		rows = mongo_find(
			db, IN_USER,
			&(struct mongo_find){
				.filter = DOC(
					SUB("_id", IDS("$in", texts, count))),
				.fields = mongo_user_shown,
			});
		while (mongo_next(&rows) && out->count < count)
			mongo_user_shown_read(rows.row,
					      &out->users[out->count++]);
		mongo_close(&rows);
	}
	if (out->count > 1)
		qsort(out->users, out->count, sizeof(*out->users), by_id);
	free(texts);
}

void mongo_people_done(struct mongo_people *people)
{
	for (size_t i = 0; i < people->count; i++)
		store_user_done(&people->users[i]);
	free(people->users);
	*people = (struct mongo_people){NULL, 0};
}

const struct store_user *mongo_people_find(const struct mongo_people *people,
					   const char *id)
{
	struct store_user key;

	memcpy(key.id, id, ID_SIZE);
	return people->count == 0 ? NULL
				  : bsearch(&key, people->users, people->count,
					    sizeof(*people->users), by_id);
}
