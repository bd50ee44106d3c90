/*
 * sqlite_schema_steps - the tables, as SQL: what each version added to the one
 * before.
 */
#ifndef SQLITE_SCHEMA_STEPS_H
#define SQLITE_SCHEMA_STEPS_H

/* The nth, from 0, makes version n + 1 of version n. Add at the end, change
 * nothing, from the first Debian package on. */
extern const char *const sqlite_schema_steps[];
extern const int sqlite_schema_newest; /* the version that they end in */

#endif
