/*
 * mongo_report - what was reported, as other verbs have to know of it.
 *
 * A report is its row first, which has all that is to be written to support:
 * whoever meets one that is not all written yet writes the rest.
 */
#ifndef MONGO_REPORT_H
#define MONGO_REPORT_H

#include "mongo_query.h"

/* Is it a copy of what was reported, which answers to what says so? seq: of
 * the message that answers it. */
bool mongo_report_is_copy(struct mongo_db *db, const char *reply_to,
			  int64_t seq);

/* Those that were left half written. */
void mongo_report_mend(struct mongo_db *db);

#endif
