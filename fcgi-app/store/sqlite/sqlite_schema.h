/*
 * sqlite_schema - the tables, and how an older file becomes a newer one.
 *
 * Versions only add: PRAGMA user_version counts the steps done.
 */
#ifndef SQLITE_SCHEMA_H
#define SQLITE_SCHEMA_H

#include "sqlite_db.h"

/* Bring an open file up to date; safe to be done by several processes at once.
 * False: db->error says why. An empty file is filled only when create. */
bool sqlite_schema_update(struct sqlite_db *db, bool create);

#endif
