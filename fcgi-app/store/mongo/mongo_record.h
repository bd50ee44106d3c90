/*
 * mongo_record - a row as a record (store_records.h), and back.
 *
 * A record's names are those of the rows, but ids are text in it, and truths
 * are 0 and 1.
 */
#ifndef MONGO_RECORD_H
#define MONGO_RECORD_H

#include "mongo_query.h"
#include "store_records.h"

struct mongo_giving {
	struct mongo_db *db;
	const bson_t *row;
	store_each_record *each;
	void *context;
	size_t given; /* so far */
};

/* The row, unless it is nothing that a copy has. */
void mongo_record_give(struct mongo_giving *g, enum store_part part,
		       const char *key);

/* Rows of those records; what is none is passed over. */
void mongo_records_take(struct mongo_db *db, enum store_part part,
			const char *const *records, size_t count);

#endif
