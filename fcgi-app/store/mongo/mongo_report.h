/*
 * mongo_report - what was reported, as other verbs have to know of it.
 */
#ifndef MONGO_REPORT_H
#define MONGO_REPORT_H

#include "mongo_query.h"

/* Is it a copy of what was reported, which answers to what says so? seq: of
 * the message that answers it. */
bool mongo_report_is_copy(struct mongo_db *db, const char *reply_to,
			  int64_t seq);

#endif
