/*
 * mongo_report - what was reported, as other verbs have to know of it.
 *
 * A report is its row first, which has all that is to be written to support:
 * whoever meets one that is not all written yet writes the rest.
 */
#ifndef MONGO_REPORT_H
#define MONGO_REPORT_H

#include "mongo_conversation.h"
#include "store_reports.h"

/* Is it a copy of what was reported, which answers to what says so? seq: of
 * the message that answers it. */
bool mongo_report_is_copy(struct mongo_db *db, const char *reply_to,
			  int64_t seq);

/* What says so, and the copies. */
#define MONGO_REPORT_PARTS (STORE_REPORT_BEFORE + 2)

/* One that is being written: its messages go to the support of whoever
 * reported. All zeros at first but for db and, where it begins with its
 * support, by; what is in support is for mongo_conversation_done(). */
struct mongo_filing {
	struct mongo_db *db;
	char op[ID_SIZE], by[ID_SIZE];
	int64_t at;
	struct mongo_conversation support;
	char ids[MONGO_REPORT_PARTS][ID_SIZE]; /* of its messages */
	int64_t seqs[MONGO_REPORT_PARTS];
	struct store_member me; /* before the first of them */
	bool opened;
};

/* Where `by` has support. False: they can have none. */
bool mongo_filing_support(struct mongo_filing *filing);

/* A report's row has what is to be written, and who reported. How many messages
 * it is. */
size_t mongo_filing_run(struct mongo_filing *filing, const bson_t *row);

/* Those that were left half written. */
bool mongo_report_mend(struct mongo_db *db);

#endif
