#include "mongo_report.h"

bool mongo_report_is_copy(struct mongo_db *db, const char *reply_to,
			  int64_t seq)
{
	return reply_to[0] != '\0' &&
	       mongo_exists(db, IN_REPORT,
			    DOC(ID("said", reply_to), INT("seqs", seq)));
}
