#include "contract.h"

#include <stdio.h>
#include <string.h>

#include "backends.h"
#include "crypt.h"
#include "mem.h"

/* cmocka gives a fixture nothing but its state: the backend under test. */
static const struct backend *backend;

static bool has_subject(const char *subject)
{
	const char *const *subjects = backend->subjects;

	for (size_t i = 0; subjects != NULL && subjects[i] != NULL; i++) {
		if (strcmp(subjects[i], subject) == 0)
			return true;
	}
	return subjects == NULL;
}

static int run_here(const char *subject, const struct CMUnitTest *tests,
		    size_t count)
{
	const char *only = getenv("PALABRE_TEST_STORE");
	char name[100];

	if (only != NULL && strstr(only, backend->name) == NULL)
		return 0;
	snprintf(name, sizeof(name), "%s on %s", subject, backend->name);
	return _cmocka_run_group_tests(name, tests, count, NULL, NULL);
}

int contract_run(const char *subject, const struct CMUnitTest *tests,
		 size_t count)
{
	int failed = 0;

	if (!crypt_init())
		return 1;
	for (size_t i = 0; i < backend_count; i++) {
		backend = &backends[i];
		if (has_subject(subject))
			failed += run_here(subject, tests, count);
	}
	return failed;
}

int contract_run_on(const char *name, const char *subject,
		    const struct CMUnitTest *tests, size_t count)
{
	if (!crypt_init())
		return 1;
	for (size_t i = 0; i < backend_count; i++) {
		backend = &backends[i];
		if (strcmp(backend->name, name) == 0)
			return run_here(subject, tests, count);
	}
	return 1;
}

static char *contract_setting(const void *settings, const char *key)
{
	const struct backend *of = settings;

	return strcmp(key, "module_dir") == 0 && of->modules != NULL
		       ? xstrdup(of->modules)
		       : NULL;
}

const struct backend *contract_backend(void)
{
	return backend;
}

static struct store *open_watched(const struct backend *of, const char *uri,
				  const struct store_watch *watch)
{
	struct store_config config = {
		.uri = uri,
		.random = crypt_random,
		.setting = contract_setting,
		.settings = of,
		.watch = watch,
	};
	char *error = NULL;
	struct store *store = store_new(&config, &error);

	if (store == NULL)
		fail_msg("%s", error);
	return store;
}

struct store *contract_open_on(const struct backend *of, const char *uri)
{
	return open_watched(of, uri, NULL);
}

struct store *contract_open_watched(const struct contract *c,
				    const struct store_watch *watch)
{
	return open_watched(backend, c->uri, watch);
}

struct store *contract_open(const struct contract *c)
{
	return contract_open_on(backend, c->uri);
}

void contract_reopen(struct contract *c)
{
	store_free(c->store);
	c->store = contract_open(c);
}

int contract_setup(void **state)
{
	struct contract *c = xcalloc(1, sizeof(*c));
	char *error;

	c->uri = backend->make_uri();
	c->now = CONTRACT_NOW;
	c->store = contract_open(c);
	error = store_prepare(c->store);
	if (error != NULL)
		fail_msg("%s", error);
	contract_add_user(c, "Ann", c->ann);
	contract_add_user(c, "Bob", c->bob);
	contract_add_user(c, "Cat", c->cat);
	*state = c;
	return 0;
}

static void print_problem(const char *conversation, const char *what,
			  void *context)
{
	int *problems = context;

	(*problems)++;
	print_error("verify: %s: %s\n", conversation, what);
}

void contract_assert_clean(struct store *store)
{
	int64_t checked;
	int problems = 0;

	assert_ok(store_verify(store, &checked, print_problem, &problems));
	assert_int_equal(problems, 0);
}

int contract_teardown(void **state)
{
	struct contract *c = *state;

	contract_assert_clean(c->store);
	contract_discard(c);
	return 0;
}

void contract_discard(struct contract *c)
{
	store_free(c->store);
	backend->destroy(c->uri);
	free(c->uri);
	free(c);
}

void contract_add_user(struct contract *c, const char *username,
		       char id[ID_SIZE])
{
	struct store_user user = {
		.username = xstrdup(username),
		.created_at = ++c->now,
	};
	const char *field;

	assert_ok(store_user_add(c->store, &user, &field));
	memcpy(id, user.id, ID_SIZE);
	store_user_done(&user);
}

struct store_sent contract_say(struct contract *c, const char *from,
			       const char *to, const char *content,
			       const char *client_id)
{
	struct store_send send = {
		.sender_name = "a name",
		.to = to,
		.content = content,
		.client_id = client_id,
		.now_ms = ++c->now,
	};
	struct store_sent sent;

	assert_ok(store_send(c->store, AS(from), &send, &sent));
	return sent;
}

struct store_sent contract_say_in_lobby(struct contract *c,
					const struct store_viewer *from,
					const char *content)
{
	const struct store_send send = {
		.sender_name = "a name",
		.conversation = ID_LOBBY,
		.content = content,
		.now_ms = ++c->now,
	};
	struct store_sent sent;

	assert_ok(store_send(c->store, from, &send, &sent));
	return sent;
}

static struct contract_place place_of(struct store_sent sent)
{
	struct contract_place place = {.seq = sent.message.seq};

	memcpy(place.conversation, sent.message.conversation, ID_SIZE);
	memcpy(place.id, sent.message.id, ID_SIZE);
	store_sent_done(&sent);
	return place;
}

struct contract_place contract_place(struct contract *c, const char *from,
				     const char *to, const char *content)
{
	return place_of(contract_say(c, from, to, content, NULL));
}

struct contract_place contract_place_in_lobby(struct contract *c,
					      const char *from,
					      const char *content)
{
	return place_of(contract_say_in_lobby(c, AS(from), content));
}

enum store_status contract_try(struct contract *c, const char *from,
			       struct store_send *send)
{
	struct store_sent sent;

	send->now_ms = ++c->now;
	if (send->sender_name == NULL)
		send->sender_name = "a name";

	enum store_status status = store_send(c->store, AS(from), send, &sent);

	if (status == STORE_OK)
		store_sent_done(&sent);
	else
		assert_null(sent.message.content);
	return status;
}

struct store_import_message contract_imported(const char *sender,
					      const char *text, int64_t at)
{
	struct store_import_message row = {
		.message =
			{
				.sender_name = (char *)"then",
				.content = (char *)text,
				.client_id = (char *)text,
				.created_at = at,
			},
	};

	memcpy(row.message.sender, sender, ID_SIZE);
	return row;
}

bool contract_block(struct contract *c, const char *who, const char *whom,
		    bool blocked)
{
	const struct store_block block = {whom, blocked, ++c->now};
	bool changed;

	assert_ok(store_block(c->store, AS(who), &block, &changed));
	return changed;
}

void contract_edit(struct contract *c, const char *user, const char *id,
		   const char *content)
{
	const struct store_edit edit = {
		.kind = content != NULL ? CHANGE_EDIT : CHANGE_DELETE,
		.content = content,
		.now_ms = ++c->now,
	};
	struct store_change change;

	assert_ok(store_message_change(c->store, AS(user), id, &edit, &change));
	store_change_done(&change);
}

void contract_no_hash(const char *hash, void *context)
{
	(void)hash;
	(void)context;
}

void contract_erase_on(struct contract *c)
{
	struct store_erased erased;

	while (store_erase_step(c->store, ++c->now, contract_no_hash, NULL,
				&erased) == STORE_OK)
		store_erased_done(&erased);
}

void contract_erase(struct contract *c, const char *user)
{
	assert_ok(store_erase_begin(c->store, user, ++c->now));
	contract_erase_on(c);
}

bool contract_was_erased(struct store *store, const char *user)
{
	bool has;

	assert_ok(store_erase_has(store, user, &has));
	return has;
}

void contract_assert_same(const struct store_message *a,
			  const struct store_message *b)
{
	assert_string_equal(a->id, b->id);
	assert_string_equal(a->conversation, b->conversation);
	assert_string_equal(a->sender, b->sender);
	assert_string_equal(a->recipient, b->recipient);
	assert_string_equal(a->reply_to, b->reply_to);
	assert_string_equal(a->sender_name, b->sender_name);
	assert_string_equal(a->content, b->content);
	assert_int_equal(a->client_id == NULL, b->client_id == NULL);
	if (a->client_id != NULL)
		assert_string_equal(a->client_id, b->client_id);
	assert_int_equal(a->mentions == NULL, b->mentions == NULL);
	if (a->mentions != NULL)
		assert_string_equal(a->mentions, b->mentions);
	assert_int_equal(a->reactions == NULL, b->reactions == NULL);
	if (a->reactions != NULL)
		assert_string_equal(a->reactions, b->reactions);
	assert_int_equal(a->seq, b->seq);
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->conversation_kind, b->conversation_kind);
	assert_int_equal(a->created_at, b->created_at);
	assert_int_equal(a->edited, b->edited);
	assert_int_equal(a->deleted, b->deleted);
}

void contract_recent(struct contract *c, struct contract_rows *rows)
{
	bool more;

	assert_ok(contract_rows_recent(c->store, NULL, rows, &more));
}
