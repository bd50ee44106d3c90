#include "mongo_report.h"

#include <stdlib.h>
#include <string.h>

#include "kill_point.h"
#include "mem.h"
#include "mongo_audit.h"
#include "mongo_clock.h"
#include "mongo_opening.h"
#include "mongo_search.h"
#include "mongo_step.h"

#define MENDED_AT_ONCE 10

bool mongo_report_is_copy(struct mongo_db *db, const char *reply_to,
			  int64_t seq)
{
	return reply_to[0] != '\0' &&
	       mongo_exists(db, IN_REPORT,
			    DOC(ID("said", reply_to), INT("seqs", seq)));
}

/* ---- writing, which goes on where it was left ---- */

bool mongo_filing_support(struct mongo_filing *f)
{
	struct mongo_member me = {.row = {.joined_seq = 1}};
	char id[ID_SIZE];
	bool there;

	mongo_conversation_done(&f->support);
	id_direct(f->by, ID_SERVER, id);
	there = mongo_conversation_find(f->db, id, &f->support);
	f->opened = !there;
	if (there)
		return mongo_member_find(f->db, &f->support, f->by, &me) &&
		       (f->me = me.row, true);
	memcpy(me.row.user_id, f->by, ID_SIZE);
	f->me = me.row;
	return mongo_opening_support(f->db, f->by, &f->support);
}

static bool find_part(struct mongo_filing *f, size_t part)
{
	char support[ID_SIZE];
	bson_t row;

	id_direct(f->by, ID_SERVER, support);
	if (!mongo_find_one(f->db, IN_MESSAGE,
			    DOC(ID("c", support), ID("report", f->op),
				INT("part", part)),
			    DOC(INT("_id", 1), INT("seq", 1)), &row))
		return false;
	mongo_read_id(&row, "_id", f->ids[part]);
	f->seqs[part] = mongo_read_int(&row, "seq");
	bson_destroy(&row);
	return true;
}

/* Right behind what is in support by now. */
static bool insert_part(struct mongo_filing *f, size_t part, const bson_t *said)
{
	bool passes = part == 0 && f->me.read_seq < f->support.last_seq;
	struct mongo_tokens words;
	bool written;

	mongo_clock_next(f->db, f->at, f->ids[part]);
	f->seqs[part] = f->support.last_seq + 1;
	if (f->opened)
		mongo_opening_write(f->db, &f->support, f->ids[part]);
	mongo_tokens_of((enum store_message_kind)mongo_read_int(said, "kind"),
			mongo_read_text(said, "content"), &words);
	written = mongo_step_write(
		f->db, &f->support,
		DOC(ID("_id", f->ids[part]), ID("c", f->support.id),
		    INT("seq", f->seqs[part]), ALL(said), INT("at", f->at),
		    IF(part > 0, ID("replyTo", f->ids[0])),
		    IF(passes, BOOL("passed", true)), ID("as", f->by),
		    ID("report", f->op), INT("part", part), WORDS(&words)));
	mongo_tokens_done(&words);
	return written;
}

static bool write_part(struct mongo_filing *f, size_t part, const bson_t *said)
{
	int tries = 0;

	while (!f->db->failed && !find_part(f, part)) {
		if (!mongo_filing_support(f))
			return false;
		if (insert_part(f, part, said))
			break;
		mongo_step_mend(f->db, &f->support);
		mongo_tries_on(f->db, &tries);
	}
	kill_point("between-parts");
	if (part == 0)
		mongo_update(f->db, IN_REPORT, DOC(ID("_id", f->op)),
			     DOC(SUB("$set", ID("said", f->ids[0]))));
	else
		mongo_update(f->db, IN_REPORT, DOC(ID("_id", f->op)),
			     DOC(SUB("$addToSet", INT("seqs", f->seqs[part]))));
	return !f->db->failed;
}

static void write_audit(struct mongo_filing *f, const bson_t *row)
{
	char about[ID_SIZE];
	const struct store_deed deed = {
		.act = ACT_REPORT,
		.user = about,
		.detail = f->ids[0],
		.now_ms = f->at,
	};

	mongo_read_id(row, "about", about);
	mongo_audit_put(f->db, f->op, f->by, &deed);
}

size_t mongo_filing_run(struct mongo_filing *f, const bson_t *row)
{
	struct mongo_items items;
	size_t part = 0;

	mongo_conversation_done(&f->support);
	mongo_read_id(row, "_id", f->op);
	mongo_read_id(row, "by", f->by);
	f->at = mongo_read_int(row, "at");
	mongo_items(row, "rows", &items);
	while (part < MONGO_REPORT_PARTS && mongo_item(&items) &&
	       write_part(f, part, &items.row))
		part++;
	if (part > 0 && !f->db->failed) {
		write_audit(f, row);
		mongo_update(
			f->db, IN_REPORT, DOC(ID("_id", f->op)),
			DOC(SUB("$unset", INT("rows", 1), INT("pending", 1))));
	}
	return part;
}

bool mongo_report_mend(struct mongo_db *db)
{
	bson_t *left[MENDED_AT_ONCE];
	size_t count = 0, mended = 0;
	struct mongo_rows rows =
		mongo_find(db, IN_REPORT,
			   &(struct mongo_find){
				   .filter = DOC(BOOL("pending", true)),
				   .limit = MENDED_AT_ONCE,
			   });

	while (count < MENDED_AT_ONCE && mongo_next(&rows))
		left[count++] = bson_copy(rows.row);
	mongo_close(&rows);
	for (size_t i = 0; i < count; i++) {
		struct mongo_filing *f = xcalloc(1, sizeof(*f));

		f->db = db;
		if (mongo_filing_run(f, left[i]) > 0)
			mended++;
		mongo_conversation_done(&f->support);
		free(f);
		bson_destroy(left[i]);
	}
	return mended == MENDED_AT_ONCE;
}
