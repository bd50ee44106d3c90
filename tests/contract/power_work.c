#include "power_work.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "crypt.h"
#include "mem.h"
#include "power_vfs.h"

#define FAR INT64_C(4000000000000)

/* sqlite_sync, the one setting there is. */
static char *sync_setting(const void *full_sync, const char *key)
{
	(void)key;
	return xstrdup(*(const bool *)full_sync ? "full" : "normal");
}

struct store *power_store_open(const char *folder, bool full_sync)
{
	char *uri = xasprintf("sqlite:%s/palabre.db", folder), *error = NULL;
	struct store_config config = {.uri = uri,
				      .random = crypt_random,
				      .setting = sync_setting,
				      .settings = &full_sync};
	struct store *store = store_new(&config, &error);

	assert_non_null(store);
	error = store_prepare(store);
	if (error != NULL)
		fail_msg("%s", error);
	free(uri);
	return store;
}

static void promise(struct power_work *work, struct power_fact fact)
{
	assert_true(work->facts < POWER_FACTS_MAX);
	fact.when = power_disk_now(work->disk);
	work->fact[work->facts++] = fact;
}

static struct power_fact fact_of(enum power_fact_kind kind, const char *user,
				 const char *id, int64_t number)
{
	struct power_fact fact = {.kind = kind, .number = number};

	memcpy(fact.user, user, ID_SIZE);
	memcpy(fact.id, id, ID_SIZE);
	return fact;
}

/* Long ones take several sectors and pages. */
char *power_text(size_t len)
{
	char *text = xmalloc(len + 1);

	memset(text, 'x', len);
	text[len] = '\0';
	return text;
}

static void say(struct power_work *work, int number, size_t len)
{
	struct contract *c = &work->c;
	const char *from = number % 2 != 0 ? c->ann : c->bob;
	char client_id[20], *text = power_text(len);

	snprintf(client_id, sizeof(client_id), "k%d", number);
	struct store_sent sent = contract_say(
		c, from, from == c->ann ? c->bob : c->ann, text, client_id);
	struct power_fact fact =
		fact_of(FACT_MESSAGE, from, sent.message.id, sent.message.seq);

	memcpy(fact.conversation, sent.message.conversation, ID_SIZE);
	memcpy(fact.text, client_id, sizeof(fact.text));
	fact.len = len;
	work->seq = sent.message.seq;
	promise(work, fact);
	store_sent_done(&sent);
	free(text);
}

static void say_in_a_batch(struct power_work *work, int number)
{
	size_t first = work->facts;

	assert_ok(store_batch_begin(work->c.store));
	for (int i = 0; i < 4; i++)
		say(work, number + i, 30);
	assert_ok(store_batch_commit(work->c.store));
	for (; first < work->facts; first++)
		work->fact[first].when = power_disk_now(work->disk);
}

static void change(struct power_work *work, enum store_change_kind kind,
		   size_t back)
{
	const struct power_fact *said = &work->fact[work->facts - 1];
	struct store_change done;

	while (said->kind != FACT_MESSAGE || back-- > 0)
		said--;
	assert_ok(store_message_change(
		work->c.store, AS(said->user), said->id,
		&(struct store_edit){.kind = kind,
				     .content = kind == CHANGE_EDIT ? "edited"
								    : NULL,
				     .now_ms = ++work->c.now},
		&done));
	struct power_fact fact =
		fact_of(FACT_CHANGE, said->user, said->id, done.change);

	memcpy(fact.conversation, done.conversation, ID_SIZE);
	promise(work, fact);
	store_change_done(&done);
}

static void edit_one(struct power_work *work, int round)
{
	(void)round;
	change(work, CHANGE_EDIT, 0);
}

static void delete_one(struct power_work *work, int round)
{
	(void)round;
	change(work, CHANGE_DELETE, 1);
}

static void read_all(struct power_work *work, int round)
{
	const char *reader = round % 2 != 0 ? work->c.ann : work->c.bob;
	struct store_read_marks marks;
	struct power_fact fact = fact_of(FACT_MARKS, reader, reader, work->seq);

	id_direct(work->c.ann, work->c.bob, fact.conversation);
	assert_ok(store_mark_read(work->c.store, AS(reader), fact.conversation,
				  &(struct store_reach){0, work->seq},
				  ++work->c.now, &marks));
	promise(work, fact);
}

static void be_seen(struct power_work *work, int round)
{
	struct store_seen seen[] = {{.at = CONTRACT_NOW + round}};

	memcpy(seen[0].user_id, work->c.cat, ID_SIZE);
	assert_ok(store_last_seen(work->c.store, seen, 1));
	promise(work, fact_of(FACT_SEEN, work->c.cat, work->c.cat, seen[0].at));
}

static void sign_in(struct power_work *work, int round)
{
	struct store_session session = {
		.created_at = CONTRACT_NOW + round,
		.expires_at = FAR,
		.agent = xstrdup("a browser"),
		.address = xstrdup("127.0.0.1"),
	};

	memcpy(session.user_id, work->c.cat, ID_SIZE);
	assert_ok(store_session_open(work->c.store, &session, NULL));
	promise(work, fact_of(FACT_SESSION, work->c.cat, session.id, 0));
	store_session_done(&session);
}

static void sign_out(struct power_work *work, int round)
{
	struct power_fact *made = &work->fact[work->facts - 1];

	(void)round;
	while (made->kind != FACT_SESSION)
		made--;
	made->until = power_disk_now(work->disk);
	assert_ok(store_session_end(work->c.store, work->c.cat, made->id));
	promise(work, fact_of(FACT_SESSION_ENDED, work->c.cat, made->id, 0));
}

static void guess(struct power_work *work, int round)
{
	const struct store_guess_key key = {"bob", ""};

	assert_ok(store_guesses_add(work->c.store, &key,
				    &(struct store_guesses){round, 0, round},
				    0));
	promise(work, fact_of(FACT_GUESSES, work->c.bob, work->c.bob, round));
}

static void join(struct power_work *work, int round)
{
	char name[20], id[ID_SIZE];

	snprintf(name, sizeof(name), "User%d", round);
	contract_add_user(&work->c, name, id);
	promise(work, fact_of(FACT_USER, id, id, 0));
}

/* As SQLite does by itself at every thousandth page. */
static void checkpoint(struct power_work *work, const char *sql)
{
	char *path = xasprintf("%s/palabre.db", work->folder);
	sqlite3 *raw = NULL;

	assert_int_equal(sqlite3_open(path, &raw), SQLITE_OK);
	sqlite3_exec(raw,
		     work->full_sync ? "PRAGMA synchronous = FULL"
				     : "PRAGMA synchronous = NORMAL",
		     NULL, NULL, NULL);
	assert_int_equal(sqlite3_exec(raw, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(raw);
	free(path);
}

static void checkpoint_some(struct power_work *work, int round)
{
	(void)round;
	checkpoint(work, "PRAGMA wal_checkpoint(PASSIVE)");
}

static void checkpoint_all(struct power_work *work, int round)
{
	(void)round;
	checkpoint(work, "PRAGMA wal_checkpoint(TRUNCATE)");
}

static void start_again(struct power_work *work, int round)
{
	(void)round;
	store_free(work->c.store);
	work->c.store = power_store_open(work->folder, work->full_sync);
}

/* What happens besides in every so manieth round. */
static const struct chore {
	int every, offset;
	void (*run)(struct power_work *work, int round);
} chores[] = {
	{3, 1, read_all},	 {4, 2, edit_one},     {5, 4, delete_one},
	{6, 0, be_seen},	 {7, 3, sign_in},      {7, 5, sign_out},
	{8, 7, guess},		 {9, 1, join},	       {11, 4, checkpoint_some},
	{13, 6, checkpoint_all}, {17, 9, start_again},
};

static void do_all(struct power_work *work)
{
	for (int round = 0; round < POWER_ROUNDS; round++) {
		say(work, round * 10, round % 2 != 0 ? 20 : 9000);
		if (round % 4 == 3)
			say_in_a_batch(work, round * 10 + 1);
		for (size_t i = 0; i < COUNT_OF(chores); i++)
			if (round % chores[i].every == chores[i].offset)
				chores[i].run(work, round);
	}
}

struct power_work *power_work_new(const char *folder, bool full_sync)
{
	struct power_work *work = xcalloc(1, sizeof(*work));
	struct contract *c = &work->c;

	work->disk = power_disk_new();
	work->folder = folder;
	work->full_sync = full_sync;
	power_vfs_tell(work->disk);
	c->now = CONTRACT_NOW;
	c->store = power_store_open(folder, full_sync);
	contract_add_user(c, "Ann", c->ann);
	promise(work, fact_of(FACT_USER, c->ann, c->ann, 0));
	contract_add_user(c, "Bob", c->bob);
	promise(work, fact_of(FACT_USER, c->bob, c->bob, 0));
	contract_add_user(c, "Cat", c->cat);
	promise(work, fact_of(FACT_USER, c->cat, c->cat, 0));
	do_all(work);
	power_vfs_tell(NULL);
	return work;
}

void power_work_free(struct power_work *work)
{
	store_free(work->c.store);
	power_disk_free(work->disk);
	free(work);
}
