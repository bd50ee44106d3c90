/*
 * store_system - what a message of kind system says, as it is kept in its
 * content: a JSON object
 *
 *     {"event":"added","title":"...","users":[{"_id":"...","name":"..."}],
 *      "count":1}
 *
 * or, of a report (store_reports.h), of what somebody wrote in such a place,
 *
 *     {"event":"reported","place":"group","reason":"...","users":[...],
 *      "count":1}
 *
 * Who did it is the message's sender. Names stand in it so that whoever reads
 * history later need not look them up; who is erased is erased here, too.
 */
#ifndef STORE_SYSTEM_H
#define STORE_SYSTEM_H

#include "json_text.h"
#include "store_types.h"

#define STORE_SYSTEM_USERS 20 /* named; count says how many there were */

struct store_system {
	struct json_text text;
	int64_t count;
};

/* title may be NULL. The last of these frees what the first made. */
void store_system_begin(struct store_system *system,
			enum store_group_event event, const char *title);
/* reason: "" for none. */
void store_system_begin_report(struct store_system *system,
			       enum store_conversation_kind place,
			       const char *reason);
void store_system_user(struct store_system *system,
		       const struct store_user *user);
/* The content; the caller frees it. */
char *store_system_end(struct store_system *system);

const char *store_group_event_name(enum store_group_event event);

#endif
