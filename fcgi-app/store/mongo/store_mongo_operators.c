/* What operators look at and do. It is written down before it is done: a crash
 * in between leaves a row too many, never one too few. */
#include "store_mongo.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "mongo_audit.h"
#include "mongo_people.h"

struct acting {
	struct mongo_db *db;
	const struct store_viewer *viewer;
	const struct store_deed *deed;
};

/* ---- may it be done? ---- */

static enum store_status may_always(struct acting *a)
{
	(void)a;
	return STORE_OK;
}

/* Whom an operator may do something to. */
static enum store_status may_subject(struct acting *a)
{
	bson_t row;
	int64_t role;

	if (!mongo_find_one(a->db, IN_USER, DOC(ID("_id", a->deed->user)),
			    DOC(INT("role", 1)), &row))
		return STORE_NOT_FOUND;
	role = mongo_read_int(&row, "role");
	bson_destroy(&row);
	return role != ROLE_OPERATOR && strcmp(a->deed->user, ID_SERVER) != 0
		       ? STORE_OK
		       : STORE_FORBIDDEN;
}

/* Any account, an operator's too. */
static enum store_status may_any_account(struct acting *a)
{
	enum store_status status = may_subject(a);

	return status == STORE_FORBIDDEN ? STORE_OK : status;
}

static enum store_status may_unblock(struct acting *a)
{
	return mongo_exists(a->db, IN_ADDRESS_BLOCK,
			    DOC(TEXT("_id", a->deed->detail)))
		       ? STORE_OK
		       : STORE_NOT_FOUND;
}

/* ---- what an act does besides being written down ---- */

static void do_kick(struct acting *a)
{
	mongo_delete_all(a->db, IN_SESSION, DOC(ID("user", a->deed->user)));
}

static void do_mute(struct acting *a)
{
	mongo_update(a->db, IN_USER, DOC(ID("_id", a->deed->user)),
		     DOC(SUB("$set", INT("mutedUntil", a->deed->until))));
}

static void do_block(struct acting *a)
{
	const struct store_deed *deed = a->deed;

	mongo_delete_all(a->db, IN_ADDRESS_BLOCK,
			 DOC(SUB("until", INT("$lte", deed->now_ms))));
	mongo_upsert(
		a->db, IN_ADDRESS_BLOCK, DOC(TEXT("_id", deed->detail)),
		DOC(SUB("$set", INT("until", deed->until),
			ID("by", a->viewer->id), INT("at", deed->now_ms))));
}

static void do_unblock(struct acting *a)
{
	mongo_delete(a->db, IN_ADDRESS_BLOCK,
		     DOC(TEXT("_id", a->deed->detail)));
}

static const struct {
	enum store_status (*may)(struct acting *);
	void (*carry_out)(struct acting *); /* NULL: nothing */
} acts[] = {
	[ACT_CLIENTS] = {may_always, NULL},
	[ACT_MESSAGES] = {may_always, NULL},
	[ACT_AUDIT] = {may_always, NULL},
	[ACT_KICK] = {may_subject, do_kick},
	[ACT_MUTE] = {may_subject, do_mute},
	[ACT_UNLOCK] = {may_any_account, NULL},
	[ACT_BLOCK] = {may_always, do_block},
	[ACT_UNBLOCK] = {may_unblock, do_unblock},
	[ACT_BROADCAST] = {may_always, NULL},
	[ACT_SERVER] = {may_always, NULL},
	[ACT_TOKEN] = {may_any_account, NULL},
	[ACT_REPORTS] = {may_always, NULL},
};

static enum store_status operator_act(struct store *store,
				      const struct store_viewer *viewer,
				      const struct store_deed *deed)
{
	struct acting a = {
		.db = mongo_begin(store, ACCESS_WRITE),
		.viewer = viewer,
		.deed = deed,
	};
	enum store_status status = viewer->role == ROLE_OPERATOR
					   ? acts[deed->act].may(&a)
					   : STORE_FORBIDDEN;

	if (status == STORE_OK) {
		mongo_audit_add(a.db, viewer->id, deed);
		if (acts[deed->act].carry_out != NULL)
			acts[deed->act].carry_out(&a);
	}
	return mongo_end(a.db, status);
}

/* ---- the audit ---- */

void mongo_audit_put(struct mongo_db *db, const char *id, const char *by,
		     const struct store_deed *deed)
{
	mongo_insert(
		db, IN_AUDIT,
		DOC(ID("_id", id), ID("by", by),
		    TEXT("act", store_act_name(deed->act)),
		    ID_IF("user", deed->user), INT("until", deed->until),
		    TEXT("detail", deed->detail != NULL ? deed->detail : ""),
		    INT("at", deed->now_ms)));
}

void mongo_audit_add(struct mongo_db *db, const char *by,
		     const struct store_deed *deed)
{
	char id[ID_SIZE];

	id_new(deed->now_ms, db->random, id);
	mongo_audit_put(db, id, by, deed);
}

/* A page of it, whose names are looked up at once. */
struct audit_page {
	bson_t **rows;
	char (*ids)[ID_SIZE]; /* two of each row */
	size_t count;
	struct mongo_people people;
};

static void read_page(struct mongo_db *db, const struct store_list *list,
		      struct audit_page *page)
{
	struct mongo_rows rows = mongo_find(
		db, IN_AUDIT,
		&(struct mongo_find){
			.filter = DOC(IF(list->before != NULL,
					 SUB("_id", ID("$lt", list->before)))),
			.sort = DOC(INT("_id", -1)),
			.limit = list->limit,
		});

	page->rows = xcalloc(list->limit + 1, sizeof(*page->rows));
	page->ids = xcalloc(2 * list->limit + 1, ID_SIZE);
	while (page->count < list->limit && mongo_next(&rows)) {
		mongo_read_id(rows.row, "by", page->ids[2 * page->count]);
		mongo_read_id(rows.row, "user", page->ids[2 * page->count + 1]);
		page->rows[page->count++] = bson_copy(rows.row);
	}
	mongo_close(&rows);
	mongo_people_read(db, page->ids, 2 * page->count, &page->people);
}

static void page_done(struct audit_page *page)
{
	for (size_t i = 0; i < page->count; i++)
		bson_destroy(page->rows[i]);
	mongo_people_done(&page->people);
	free(page->rows);
	free(page->ids);
}

static const char *name_of(const struct audit_page *page, const char *id)
{
	const struct store_user *user = mongo_people_find(&page->people, id);

	if (strcmp(id, ID_CTL) == 0)
		return "palabrectl";
	return user != NULL ? user->username : NULL;
}

static bool give_row(const struct audit_page *page, size_t at,
		     store_each_audit *each, void *context)
{
	const bson_t *from = page->rows[at];
	const char *by = page->ids[2 * at], *user = page->ids[2 * at + 1];
	struct store_audit row = {
		.by_name = name_of(page, by),
		.user_name = name_of(page, user),
		.act = mongo_read_text(from, "act"),
		.detail = mongo_read_text(from, "detail"),
		.until = mongo_read_int(from, "until"),
		.at = mongo_read_int(from, "at"),
	};

	mongo_read_id(from, "_id", row.id);
	memcpy(row.by, by, ID_SIZE);
	memcpy(row.user, user, ID_SIZE);
	return each(&row, context);
}

static enum store_status operator_audit(struct store *store,
					const struct store_list *list,
					store_each_audit *each, void *context)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	struct audit_page page = {.count = 0};
	bool wanted = list->limit > 0;

	if (wanted)
		read_page(db, list, &page);
	for (size_t i = 0; i < page.count && wanted && !db->failed; i++)
		wanted = give_row(&page, i, each, context);
	page_done(&page);
	return mongo_end(db, STORE_OK);
}

/* ---- blocked addresses ---- */

static enum store_status operator_addresses(struct store *store, int64_t now_ms,
					    size_t limit,
					    store_each_address_block *each,
					    void *context)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	struct mongo_rows rows = mongo_find(
		db, IN_ADDRESS_BLOCK,
		&(struct mongo_find){
			.filter = DOC(SUB("until", INT("$gt", now_ms))),
			.sort = DOC(INT("until", -1), INT("_id", 1)),
			.limit = limit,
		});

	while (mongo_next(&rows)) {
		struct store_address_block block = {
			.network = mongo_read_text(rows.row, "_id"),
			.until = mongo_read_int(rows.row, "until"),
			.at = mongo_read_int(rows.row, "at"),
		};

		mongo_read_id(rows.row, "by", block.by);
		each(&block, context);
	}
	return mongo_end(db, STORE_OK);
}

const struct store_operator_verbs mongo_operator_verbs = {
	.act = operator_act,
	.audit = operator_audit,
	.addresses = operator_addresses,
};
