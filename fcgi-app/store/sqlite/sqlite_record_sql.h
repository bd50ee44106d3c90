/*
 * sqlite_record_sql - how rows are records (store_records.h), and records rows.
 * SQLite's own JSON does it: a row of SQL is a record, and a record a row.
 */
#ifndef SQLITE_RECORD_SQL_H
#define SQLITE_RECORD_SQL_H

#include "store_records.h"

#define SQLITE_RECORD_STEPS 3

struct sqlite_record_sql {
	/* Rows of a key and a record; ?1: the key they come behind, ?2: how
	 * many. */
	const char *read;
	/* One after the other, ?1: the record. All NULL: a message, whose place
	 * and clientId are no business of SQL's. */
	const char *writes[SQLITE_RECORD_STEPS];
	/* ?1: the key. All NULL: none is ever dropped. */
	const char *drops[SQLITE_RECORD_STEPS];
};
extern const struct sqlite_record_sql sqlite_record_sql[STORE_PARTS];

/* Of a message's record, ?1, its reactions; ?2: its place. */
extern const char sqlite_record_reactions[];

#endif
