/* Somebody shows the operators a message. */
#include "store_mongo.h"

#include <stdlib.h>
#include <string.h>

#include "kill_point.h"
#include "mem.h"
#include "mongo_message.h"
#include "mongo_read_marks.h"
#include "mongo_report.h"
#include "store_reports.h"
#include "store_rules.h"

/* ---- what may be reported ---- */

/* One report under way: what it is about, and where it goes. */
struct reporting {
	struct mongo_db *db;
	const struct store_viewer *viewer;
	const struct store_report *report;
	int64_t first; /* that the viewer sees */
	struct store_message about;
	struct mongo_filing filing;
	struct store_reported *out;
};

static bool read_about(struct reporting *r, const bson_t *row,
		       struct mongo_conversation *c)
{
	char id[ID_SIZE];

	mongo_read_id(row, "c", id);
	if (!mongo_conversation_find(r->db, id, c))
		return false;
	r->first = mongo_sight(r->db, c, r->viewer);
	mongo_message_read(row, c, r->viewer->id, &r->about);
	store_message_show(&r->about, r->viewer->id);
	store_message_own(&r->about);
	return r->first > 0 && r->about.seq >= r->first &&
	       r->about.kind != MESSAGE_HIDDEN;
}

static bool find_about(struct reporting *r)
{
	struct mongo_conversation c = {.title = NULL};
	bson_t row;
	bool seen;

	if (!mongo_find_one(r->db, IN_MESSAGE,
			    DOC(ID("_id", r->report->message)), NULL, &row))
		return false;
	seen = read_about(r, &row, &c);
	mongo_conversation_done(&c);
	bson_destroy(&row);
	return seen;
}

static bool is_too_often(struct reporting *r)
{
	return mongo_count(r->db, IN_REPORT,
			   DOC(ID("by", r->viewer->id),
			       SUB("at", INT("$gt", r->report->now_ms -
							    STORE_REPORTS_MS))),
			   LIMIT_REPORTS) >= LIMIT_REPORTS;
}

/* Of a message in support, whose conversation need not be read for it. */
static void read_said(const bson_t *row, const char *viewer,
		      struct store_message *out)
{
	struct mongo_conversation support = {.kind = CONVERSATION_SUPPORT};

	mongo_read_id(row, "c", support.id);
	mongo_message_read(row, &support, viewer, out);
}

static bool find_said(struct mongo_db *db, const bson_t *report,
		      store_each_message *each, void *context)
{
	char id[ID_SIZE];
	struct store_message said;
	bson_t row;
	bool more;

	mongo_read_id(report, "said", id);
	if (!mongo_find_one(db, IN_MESSAGE, DOC(ID("_id", id)), NULL, &row))
		return true;
	read_said(&row, "", &said);
	more = each(&said, context);
	bson_destroy(&row);
	return more;
}

static bool keep_said(const struct store_message *message, void *context)
{
	struct store_message *out = context;

	*out = *message;
	store_message_own(out);
	return true;
}

/* The message that said so the first time. */
static bool find_earlier(struct reporting *r)
{
	const struct mongo_field *same =
		DOC(ID("message", r->report->message), ID("by", r->viewer->id));
	bson_t row;

	if (!mongo_find_one(r->db, IN_REPORT, same, NULL, &row))
		return false;
	if (mongo_read_bool(&row, "pending")) {
		mongo_filing_run(&r->filing, &row);
		bson_destroy(&row);
		if (!mongo_find_one(r->db, IN_REPORT, same, NULL, &row))
			return false;
	}
	find_said(r->db, &row, keep_said, &r->out->said.message);
	r->out->said.duplicate = true;
	bson_destroy(&row);
	return true;
}

/* ---- what is to be written ---- */

/* As they are to be written: what the viewer saw, oldest first. */
static void read_copies(struct reporting *r)
{
	struct mongo_rows rows = mongo_find(
		r->db, IN_MESSAGE,
		&(struct mongo_find){
			.filter = DOC(
				ID("c", r->about.conversation),
				SUB("seq", INT("$gte", r->first),
				    INT("$lte", r->about.seq)),
				SUB("kind", INT("$lt", MESSAGE_SYSTEM)),
				NOTHING("deleted"),
				SUB("erased", INT("$ne", 1)),
				ARRAY("$or", SUB("", NOTHING("hidden")),
				      SUB("", ID("sender", r->viewer->id)))),
			.sort = DOC(INT("seq", -1)),
			.limit = STORE_REPORT_BEFORE + 1,
		});
	struct store_message found[STORE_REPORT_BEFORE + 1];
	size_t count = 0;

	while (count < COUNT_OF(found) && mongo_next(&rows)) {
		read_said(rows.row, r->viewer->id, &found[count]);
		found[count].client_id = NULL;
		store_message_own(&found[count++]);
	}
	mongo_close(&rows);
	while (count > 0)
		r->out->copies[r->out->count++] = found[--count];
}

static bson_t *said_row(const struct store_message *message)
{
	char file[ID_SIZE] = "";

	if (message->attachment != NULL)
		store_file_id_of(message->attachment, file);
	return mongo_bson(DOC(
		INT("kind", message->kind), ID("sender", message->sender),
		TEXT("name", message->sender_name),
		TEXT("content", message->content),
		TEXT_IF("attachment", message->attachment), ID_IF("file", file),
		TEXT_IF("mentions", message->mentions)));
}

/* False: it was reported meanwhile, or the verb failed. */
static bool insert_report(struct reporting *r, bson_t **rows)
{
	size_t count = 0;
	bool inserted;

	mongo_clock_next(r->db, r->report->now_ms, r->filing.op);
	rows[count++] = said_row(&r->out->said.message);
	for (size_t i = 0; i < r->out->count; i++)
		rows[count++] = said_row(&r->out->copies[i]);
	inserted = mongo_insert(
		r->db, IN_REPORT,
		DOC(ID("_id", r->filing.op), ID("message", r->report->message),
		    ID("by", r->viewer->id), ID("about", r->about.sender),
		    INT("at", r->report->now_ms), INT("copies", r->out->count),
		    BOOL("pending", true),
		    DOCS("rows", (const bson_t *const *)rows, count)));
	while (count > 0)
		bson_destroy(rows[--count]);
	return inserted;
}

/* ---- answering ---- */

static void place(const struct reporting *r, size_t part,
		  struct store_message *message)
{
	memcpy(message->id, r->filing.ids[part], ID_SIZE);
	message->seq = r->filing.seqs[part];
	store_report_place(r->viewer, r->report, message);
	if (part > 0)
		memcpy(message->reply_to, r->filing.ids[0], ID_SIZE);
}

static void fill_marks(struct reporting *r)
{
	struct store_read_marks *marks = &r->out->said.marks;

	store_report_marks(r->viewer, r->out);
	mongo_marks_name(r->db, &r->filing.support, marks);
	mongo_marks_for(r->db, &r->filing.support, marks);
}

static enum store_status write_report(struct reporting *r)
{
	bson_t *rows[MONGO_REPORT_PARTS];
	bool opened = r->filing.opened;
	bson_t row;

	store_report_words(r->viewer, r->report, &r->about,
			   &r->out->said.message);
	read_copies(r);
	if (!insert_report(r, rows)) {
		store_reported_done(r->out);
		return find_earlier(r) ? STORE_OK : STORE_UNAVAILABLE;
	}
	kill_point("between-writes");
	if (!mongo_find_one(r->db, IN_REPORT, DOC(ID("_id", r->filing.op)),
			    NULL, &row))
		return STORE_UNAVAILABLE;
	mongo_filing_run(&r->filing, &row);
	bson_destroy(&row);
	place(r, 0, &r->out->said.message);
	for (size_t i = 0; i < r->out->count; i++)
		place(r, i + 1, &r->out->copies[i]);
	r->out->said.opened = opened;
	fill_marks(r);
	return STORE_OK;
}

/* An erasure goes through all messages once: what is copied meanwhile might lie
 * behind it. */
static bool somebody_is_being_erased(struct reporting *r)
{
	return mongo_exists(r->db, IN_ERASURE, DOC(BOOL("begun", true)));
}

static enum store_status try_report(struct reporting *r)
{
	if (!find_about(r))
		return STORE_NOT_FOUND;
	if (!store_report_may(r->viewer, &r->about))
		return STORE_FORBIDDEN;
	if (find_earlier(r))
		return STORE_OK;
	if (is_too_often(r))
		return STORE_TOO_OFTEN;
	memcpy(r->filing.by, r->viewer->id, ID_SIZE);
	if (!mongo_filing_support(&r->filing))
		return STORE_FORBIDDEN;
	if (somebody_is_being_erased(r))
		return STORE_UNAVAILABLE;
	return write_report(r);
}

static enum store_status report_add(struct store *store,
				    const struct store_viewer *viewer,
				    const struct store_report *report,
				    struct store_reported *out)
{
	struct reporting *r = xcalloc(1, sizeof(*r));
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);
	enum store_status status;

	r->db = r->filing.db = db;
	r->viewer = viewer;
	r->report = report;
	r->out = out;
	status = mongo_end(db, try_report(r));
	store_message_done(&r->about);
	mongo_conversation_done(&r->filing.support);
	free(r);
	return status;
}

/* ---- which there are ---- */

/* Where the list goes on behind the message that says so of one; where that is
 * gone meanwhile, by its time. */
static void find_before(struct mongo_db *db, const char *said,
			char out[ID_SIZE])
{
	bson_t row;

	memcpy(out, said, ID_SIZE);
	if (!mongo_find_one(db, IN_REPORT, DOC(ID("said", said)),
			    DOC(INT("_id", 1)), &row))
		return;
	mongo_read_id(&row, "_id", out);
	bson_destroy(&row);
}

static enum store_status report_list(struct store *store,
				     const struct store_list *list,
				     store_each_message *each, void *context)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	char before[ID_SIZE] = "ffffffffffffffffffffffff";
	struct mongo_rows rows;

	if (list->before != NULL)
		find_before(db, list->before, before);
	rows = mongo_find(
		db, IN_REPORT,
		&(struct mongo_find){
			.filter = DOC(SUB("_id", ID("$lt", before)),
				      SUB("said", BOOL("$exists", true))),
			.fields = DOC(INT("said", 1)),
			.sort = DOC(INT("_id", -1)),
			.limit = list->limit,
		});
	while (mongo_next(&rows)) {
		if (!find_said(db, rows.row, each, context))
			break;
	}
	mongo_close(&rows);
	return mongo_end(db, STORE_OK);
}

const struct store_report_verbs mongo_report_verbs = {
	.add = report_add,
	.list = report_list,
};
