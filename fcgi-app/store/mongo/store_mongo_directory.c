/* Who there is, as it is listed and looked for. */
#include "store_mongo.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "store_words.h"
#include "text.h"

/* ---- what is sought ---- */

/* What is sought, for a regular expression. */
static char *quoted(const char *word)
{
	struct buf buf;

	buf_init(&buf, 2 * strlen(word) + 1);
	for (; *word != '\0'; word++) {
		if (strchr("\\^$.|?*+()[]{}-/#", *word) != NULL)
			buf_adds(&buf, "\\");
		buf_add(&buf, word, 1);
	}
	return buf_take(&buf);
}

/* One of the two names has it. */
static bson_t *word_filter(const char *word)
{
	char *pattern = quoted(word);
	bson_t *filter = mongo_bson(DOC(
		ARRAY("$or", SUB("", SUB("nameSeek", TEXT("$regex", pattern))),
		      SUB("", SUB("displaySeek", TEXT("$regex", pattern))))));

	free(pattern);
	return filter;
}

bool mongo_words(const char *text, bson_t *out)
{
	struct store_words words;
	const bson_t *each[STORE_WORDS_MAX];
	bool any;

	bson_init(out);
	if (text == NULL || text[0] == '\0')
		return true;
	any = store_words_read(text, &words);
	for (size_t i = 0; i < words.count; i++)
		each[i] = word_filter(words.word[i]);
	if (words.count > 0)
		mongo_bson_add(out, DOC(DOCS("$and", each, words.count)));
	for (size_t i = 0; i < words.count; i++)
		bson_destroy((bson_t *)each[i]);
	store_words_done(&words);
	return any;
}

/* ---- pages of them ---- */

struct listing {
	const struct store_user_query *query;
	const char *except; /* "": nobody */
	bson_t words;
};

#define MATCHING(l) BOOL("disabled", false), ALL(&(l)->words)
/* Who always is: the condition of the index of that name. */
#define NO_GUEST SUB("role", INT("$lt", ROLE_GUEST))
#define LISTED(l) NO_GUEST, MATCHING(l)
#define NOT_EXCEPT(l) ID("$ne", (l)->except)
#define ONLINE(how, l) IDS(how, (l)->query->online, (l)->query->online_count)

static int64_t count_all(struct mongo_db *db, const struct listing *l)
{
	int64_t count = mongo_count(
		db, IN_USER, DOC(LISTED(l), SUB("_id", NOT_EXCEPT(l))), 0);

	if (l->query->guests)
		count += mongo_count(
			db, IN_USER,
			DOC(INT("role", ROLE_GUEST), MATCHING(l),
			    SUB("_id", NOT_EXCEPT(l), ONLINE("$in", l))),
			0);
	return count;
}

static size_t list_part(struct mongo_db *db, const struct mongo_field *filter,
			size_t skip, size_t limit, store_each_user *each,
			void *context)
{
	struct mongo_rows rows =
		mongo_find(db, IN_USER,
			   &(struct mongo_find){
				   .filter = filter,
				   .fields = mongo_user_shown,
				   .sort = DOC(INT("nameFolded", 1)),
				   .skip = skip,
				   .limit = limit,
			   });
	size_t count = 0;

	for (; mongo_next(&rows); count++) {
		struct store_user user;

		mongo_user_shown_read(rows.row, &user);
		each(&user, context);
		store_user_done(&user);
	}
	return count;
}

static void list_behind(struct mongo_db *db, const struct listing *l,
			store_each_user *each, void *context)
{
	bool guests = l->query->guests;
	char *after = text_fold(l->query->after);

	list_part(db,
		  DOC(MATCHING(l), SUB("_id", NOT_EXCEPT(l)),
		      SUB("nameFolded", TEXT("$gt", after)),
		      IF(!guests, NO_GUEST),
		      IF(guests, ARRAY("$or", SUB("", NO_GUEST),
				       SUB("", SUB("_id", ONLINE("$in", l)))))),
		  0, l->query->limit, each, context);
	free(after);
}

/* Two ordered lists, one behind the other, instead of one that is sorted
 * anew for every page. */
static void list_page(struct mongo_db *db, const struct listing *l,
		      store_each_user *each, void *context)
{
	const struct store_user_query *query = l->query;
	const struct mongo_field *online =
		DOC(MATCHING(l), SUB("_id", NOT_EXCEPT(l), ONLINE("$in", l)),
		    IF(!query->guests, NO_GUEST));
	size_t first = 0, taken = 0;

	if (query->online_count > 0) {
		first = (size_t)mongo_count(db, IN_USER, online, 0);
		if (query->offset < first)
			taken = list_part(db, online, query->offset,
					  query->limit, each, context);
	}
	if (taken < query->limit)
		list_part(db,
			  DOC(LISTED(l),
			      SUB("_id", NOT_EXCEPT(l), ONLINE("$nin", l))),
			  query->offset > first ? query->offset - first : 0,
			  query->limit - taken, each, context);
}

enum store_status mongo_user_list(struct store *store,
				  const struct store_user_query *query,
				  store_each_user *each, void *context,
				  int64_t *total)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	struct listing l = {
		.query = query,
		.except = query->except != NULL ? query->except : "",
	};
	bool any = mongo_words(query->text, &l.words);

	if (total != NULL)
		*total = any ? count_all(db, &l) : 0;
	if (any && query->limit > 0 && query->after != NULL)
		list_behind(db, &l, each, context);
	else if (any && query->limit > 0)
		list_page(db, &l, each, context);
	bson_destroy(&l.words);
	return mongo_end(db, STORE_OK);
}

static void each_account(struct mongo_rows rows, store_each_user *each,
			 void *context)
{
	struct store_user user;

	while (mongo_next(&rows)) {
		mongo_user_read(rows.row, &user);
		each(&user, context);
		store_user_done(&user);
	}
}

enum store_status mongo_user_accounts(struct store *store,
				      const struct store_user_query *query,
				      store_each_user *each, void *context)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	char *after = text_fold(query->after != NULL ? query->after : "");
	bson_t words;
	struct mongo_find find = {
		.filter = DOC(ALL(&words), SUB("_id", ID("$ne", ID_SERVER)),
			      SUB("nameFolded", TEXT("$gt", after))),
		.fields = DOC(INT("passwordHash", 0), INT("mine", 0)),
		.sort = DOC(INT("nameFolded", 1)),
		.limit = query->limit,
	};

	if (mongo_words(query->text, &words) && query->limit > 0)
		each_account(mongo_find(db, IN_USER, &find), each, context);
	bson_destroy(&words);
	free(after);
	return mongo_end(db, STORE_OK);
}
