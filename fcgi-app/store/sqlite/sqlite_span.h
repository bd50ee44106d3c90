/*
 * sqlite_span - transactions: of one verb, or of several in a batch or a
 * snapshot.
 *
 * A verb that is refused has written nothing: whatever it may be refused for
 * is looked at first. So the verbs of a batch need no savepoints, which would
 * copy each page that they change.
 */
#ifndef SQLITE_SPAN_H
#define SQLITE_SPAN_H

#include "sqlite_db.h"

void sqlite_span_verb(struct sqlite_db *db, enum sqlite_access access);
/* Commits when status is STORE_OK (in a batch: leaves that to its end), else
 * there was nothing. Gives status, or UNAVAILABLE. */
enum store_status sqlite_end(struct sqlite_db *db, enum store_status status);

/* A verb that leaves word for housekeeping that the index of words is damaged
 * (sqlite_search.h), as the end of one does that met it. */
void sqlite_note_damage(struct sqlite_db *db);

enum store_status sqlite_span_begin(struct sqlite_db *db,
				    enum sqlite_span span);
enum store_status sqlite_span_end(struct sqlite_db *db, bool commit);

#endif
