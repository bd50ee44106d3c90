/*
 * sqlite_schema - which schema a file has, and how an older file becomes a
 * newer one. Versions only add (sqlite_schema_steps.h): PRAGMA user_version
 * counts the steps done.
 */
#ifndef SQLITE_SCHEMA_H
#define SQLITE_SCHEMA_H

#include "sqlite_db.h"

/* Numbers of messages and of changes have so many bits in a place. */
#define SQLITE_SEQ_BITS 32
#define SQLITE_SEQ_MAX ((INT64_C(1) << SQLITE_SEQ_BITS) - 1)

/* Where a conversation's message or change is in its table. */
static inline int64_t sqlite_place_of(int64_t n, int64_t number)
{
	return n << SQLITE_SEQ_BITS | number;
}

/* An open file has this program's schema. False: db->error says why. */
bool sqlite_schema_check(struct sqlite_db *db);

/* Make it so: fill an empty file, bring an older one up to date. Safe to be
 * done by several processes at once. */
bool sqlite_schema_prepare(struct sqlite_db *db);

#endif
