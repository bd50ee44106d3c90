#include "store_sqlite.h"

#include <string.h>

#include "sqlite_clock.h"
#include "sqlite_members.h"
#include "sqlite_opening.h"
#include "sqlite_schema.h"
#include "store_reports.h"
#include "store_rules.h"

/* One report under way: what it is about, and where it goes. */
struct reporting {
	struct sqlite_db *db;
	const struct store_viewer *viewer;
	const struct store_report *report;
	int64_t first, place; /* that the viewer sees; of the message */
	struct store_message about;
	struct sqlite_conversation support;
	struct store_member me; /* there, before */
	struct store_reported *out;
};

static void support_id(const struct reporting *r, char out[ID_SIZE])
{
	id_direct(r->viewer->id, ID_SERVER, out);
}

/* ---- what may be reported ---- */

static bool find_about(struct reporting *r)
{
	static const char sql[] =
		"SELECT " COLUMNS_OF(CONVERSATION_COLUMNS) ", " COLUMNS_OF(
			MESSAGE_COLUMNS) " FROM message m"
					 " JOIN conversation c ON c.n = m.n"
					 " WHERE m.id = ?";
	struct query q = QUERY(r->db, sql, ID(r->report->message));
	struct sqlite_conversation c;
	bool found = query_row(&q);

	if (found) {
		sqlite_conversation_row(&q, 0, &c);
		sqlite_conversation_find(r->db, c.id, &c);
		r->first = sqlite_sight(r->db, &c, r->viewer);
		sqlite_message_row(&q, CONVERSATION_COLUMN_COUNT, &c,
				   r->viewer->id, &r->about);
		store_message_show(&r->about, r->viewer->id);
		store_message_own(&r->about);
		r->place = sqlite_place_of(c.n, r->about.seq);
		r->first = r->first == 0 ? 0 : sqlite_place_of(c.n, r->first);
		found = r->first > 0 && r->place >= r->first &&
			r->about.kind != MESSAGE_HIDDEN;
	}
	query_close(&q);
	return found;
}

static bool is_too_often(struct reporting *r)
{
	static const char sql[] =
		"SELECT count(*) FROM report WHERE by = ? AND at > ?";

	return QUERY_INT(r->db, sql, ID(r->viewer->id),
			 INT(r->report->now_ms - STORE_REPORTS_MS)) >=
	       LIMIT_REPORTS;
}

/* The message that said so the first time. */
static bool find_earlier(struct reporting *r)
{
	static const char sql[] =
		"SELECT " COLUMNS_OF(MESSAGE_COLUMNS) " FROM report p"
						      " JOIN message m"
						      " ON m.id = p.id"
						      " WHERE p.message = ?"
						      " AND p.by = ?";
	struct query q =
		QUERY(r->db, sql, ID(r->report->message), ID(r->viewer->id));
	struct sqlite_conversation c = {.kind = CONVERSATION_SUPPORT};
	bool found = query_row(&q);

	if (found) {
		support_id(r, c.id);
		sqlite_message_row(&q, 0, &c, "", &r->out->said.message);
		store_message_own(&r->out->said.message);
		r->out->said.duplicate = true;
	}
	query_close(&q);
	return found;
}

/* ---- where it goes ---- */

/* False: the viewer has no conversation with support, and can have none. */
static bool find_support(struct reporting *r)
{
	char id[ID_SIZE];

	support_id(r, id);
	if (sqlite_conversation_find(r->db, id, &r->support))
		return sqlite_member_find(r->db, &r->support, r->viewer->id,
					  &r->me);
	r->out->said.opened = true;
	r->me.joined_seq = 1;
	memcpy(r->me.user_id, r->viewer->id, ID_SIZE);
	return sqlite_opening_support(r->db, r->viewer->id, &r->support);
}

/* ---- writing ---- */

/* The next row of support; answers: NULL for none. */
static void insert_row(struct reporting *r, struct store_message *message,
		       const char *answers, bool passed_unread)
{
	static const char sql[] =
		"INSERT INTO message (place, id, kind, sender, other_own,"
		" passed_unread, created_at, sender_name, content, reply_to,"
		" attachment, mentions)"
		" VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?)";

	if (message->id[0] == '\0')
		sqlite_clock_next(r->db, r->report->now_ms, message->id);
	message->seq = ++r->support.last_seq;
	store_report_place(r->viewer, r->report, message);
	if (answers != NULL)
		memcpy(message->reply_to, answers, ID_SIZE);
	QUERY_RUN(r->db, sql, INT(sqlite_place_of(r->support.n, message->seq)),
		  ID(message->id), INT(message->kind), ID(message->sender),
		  INT(passed_unread), INT(message->created_at),
		  TEXT(message->sender_name), TEXT(message->content),
		  ID(answers), TEXT(message->attachment),
		  TEXT(message->mentions));
}

static void insert_words(struct reporting *r)
{
	struct store_message *said = &r->out->said.message;

	store_report_words(r->viewer, r->report, &r->about, said);
	insert_row(r, said, NULL,
		   store_send_passes(&r->me, r->support.last_seq));
}

static void attach_copy(struct reporting *r, const struct store_message *copy)
{
	static const char sql[] =
		"INSERT INTO attached (file, place) VALUES (?, ?)";
	char file[ID_SIZE];

	if (copy->attachment == NULL)
		return;
	store_file_id_of(copy->attachment, file);
	QUERY_RUN(r->db, sql, ID(file),
		  INT(sqlite_place_of(r->support.n, copy->seq)));
}

/* As they are to be written: what the viewer saw, oldest first. */
static void read_copies(struct reporting *r)
{
	static const char sql[] = "SELECT * FROM (SELECT " COLUMNS_OF(
		MESSAGE_COLUMNS) " FROM message m"
				 " WHERE m.place BETWEEN ? AND ?"
				 " AND m.kind IN (0, 1)"
				 " AND m.deleted = 0 AND m.erased <> 1"
				 " AND (m.hidden = 0 OR m.sender = ?)"
				 " ORDER BY m.place DESC LIMIT ?)"
				 " ORDER BY 1";
	const struct sqlite_conversation support = {
		.kind = CONVERSATION_SUPPORT,
	};
	struct query q = QUERY(r->db, sql, INT(r->first), INT(r->place),
			       ID(r->viewer->id), INT(STORE_REPORT_BEFORE + 1));

	while (query_row(&q)) {
		struct store_message *copy = &r->out->copies[r->out->count++];

		sqlite_message_row(&q, 0, &support, r->viewer->id, copy);
		copy->client_id = NULL;
		copy->id[0] = '\0';
		store_message_own(copy);
	}
	query_close(&q);
}

static void note(struct reporting *r)
{
	static const char sql[] =
		"INSERT INTO report (id, message, by, at, copies)"
		" VALUES (?, ?, ?, ?, ?)";
	const struct store_message *said = &r->out->said.message;
	const struct store_deed deed = {
		.act = ACT_REPORT,
		.user = r->about.sender,
		.detail = said->id,
		.now_ms = r->report->now_ms,
	};

	QUERY_RUN(r->db, sql, ID(said->id), ID(r->report->message),
		  ID(r->viewer->id), INT(r->report->now_ms),
		  INT(r->out->count));
	sqlite_audit_add(r->db, r->viewer->id, &deed);
}

static void move_reporter(struct reporting *r)
{
	struct store_read_marks *marks = &r->out->said.marks;
	struct store_member me = r->me;

	me.received_seq = me.read_seq = r->support.last_seq;
	sqlite_member_write(r->db, &r->support, &me);
	store_report_marks(r->viewer, r->out);
	sqlite_members_name(r->db, &r->support, "", marks);
	sqlite_marks_for(r->db, &r->support, marks);
}

static void write_report(struct reporting *r)
{
	struct store_reported *out = r->out;
	char *position = out->said.message.id;

	read_copies(r);
	sqlite_clock_next(r->db, r->report->now_ms, position);
	if (out->said.opened)
		sqlite_opening_write(r->db, &r->support, r->viewer->id,
				     position);
	insert_words(r);
	for (size_t i = 0; i < out->count; i++) {
		insert_row(r, &out->copies[i], position, false);
		attach_copy(r, &out->copies[i]);
	}
	sqlite_support_newest(r->db, r->support.id,
			      out->copies[out->count - 1].id);
	note(r);
	move_reporter(r);
	r->db->kill_points = true;
}

/* An erasure goes through all messages once: what is copied meanwhile might lie
 * behind it. */
static bool somebody_is_being_erased(struct reporting *r)
{
	static const char sql[] = "SELECT count(*) FROM erasure";

	return QUERY_INT(r->db, sql) > 0;
}

static enum store_status report_locked(struct reporting *r)
{
	if (!find_about(r))
		return STORE_NOT_FOUND;
	if (!store_report_may(r->viewer, &r->about))
		return STORE_FORBIDDEN;
	if (find_earlier(r))
		return STORE_OK;
	if (is_too_often(r))
		return STORE_TOO_OFTEN;
	if (!find_support(r))
		return STORE_FORBIDDEN;
	if (somebody_is_being_erased(r))
		return STORE_UNAVAILABLE;
	write_report(r);
	return STORE_OK;
}

static enum store_status report_add(struct store *store,
				    const struct store_viewer *viewer,
				    const struct store_report *report,
				    struct store_reported *out)
{
	struct reporting r = {
		.db = sqlite_begin(store, ACCESS_WRITE),
		.viewer = viewer,
		.report = report,
		.out = out,
	};
	enum store_status status = sqlite_end(r.db, report_locked(&r));

	store_message_done(&r.about);
	return status;
}

bool sqlite_report_is_copy(struct sqlite_db *db, const char *reply_to,
			   int64_t place)
{
	static const char sql[] =
		"SELECT 1 FROM report p JOIN message m ON m.id = p.id"
		" WHERE p.id = ? AND ? <= m.place + p.copies";

	return reply_to[0] != '\0' &&
	       QUERY_INT(db, sql, ID(reply_to), INT(place)) != 0;
}

/* ---- which there are ---- */

static enum store_status report_list(struct store *store,
				     const struct store_list *list,
				     store_each_message *each, void *context)
{
	static const char sql[] =
		"SELECT " COLUMNS_OF(CONVERSATION_COLUMNS) ", " COLUMNS_OF(
			MESSAGE_COLUMNS) " FROM report p"
					 " JOIN message m ON m.id = p.id"
					 " JOIN conversation c ON c.n = m.n"
					 " WHERE p.id < ifnull(?,"
					 "  x'ffffffffffffffffffffffff')"
					 " ORDER BY p.id DESC LIMIT ?";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct query q = QUERY(db, sql, ID(list->before), INT(list->limit));
	bool wanted = true;

	while (wanted && query_row(&q)) {
		struct sqlite_conversation c;
		struct store_message said;

		sqlite_conversation_row(&q, 0, &c);
		sqlite_message_row(&q, CONVERSATION_COLUMN_COUNT, &c, "",
				   &said);
		wanted = each(&said, context);
	}
	query_close(&q);
	return sqlite_end(db, STORE_OK);
}

const struct store_report_verbs sqlite_report_verbs = {
	.add = report_add,
	.list = report_list,
};
