#include "mongo_report.h"

/* So many messages behind the one that says so are copies. */
bool mongo_report_is_copy(struct mongo_db *db, const char *reply_to,
			  int64_t seq)
{
	bson_t report, message;
	int64_t last = 0;

	if (reply_to[0] == '\0' ||
	    !mongo_find_one(db, IN_REPORT, DOC(ID("_id", reply_to)),
			    DOC(INT("copies", 1)), &report))
		return false;
	if (mongo_find_one(db, IN_MESSAGE, DOC(ID("_id", reply_to)),
			   DOC(INT("seq", 1)), &message)) {
		last = mongo_read_int(&message, "seq") +
		       mongo_read_int(&report, "copies");
		bson_destroy(&message);
	}
	bson_destroy(&report);
	return seq <= last;
}
