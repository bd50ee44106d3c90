/*
 * fill - writes a store of many messages, by the verbs that the product uses.
 *
 *     fill DATABASE PEOPLE FIRST LAST
 *
 * DATABASE is SQLite's file, or a URI; of MongoDB's module BENCH_MODULES in the
 * environment says where it is.
 * Messages FIRST to LAST - 1 of a history that is the same at every run; with
 * FIRST 0 the PEOPLE are added, too, person0 and so on, who all have the
 * password "correct horse". One of ten messages is between person0 and person1,
 * two of ten are between person0 and 39 others, the rest between people whom
 * person0 does not know. It prints "filled LAST".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "crypt.h"
#include "mem.h"
#include "store.h"

#define BATCH 1000
#define KNOWN 41 /* person0 and whom they know */
#define PARTNERS 20
#define PASSWORD "correct horse"

struct fill {
	struct store *store;
	size_t people;
	char (*ids)[ID_SIZE];
	int64_t now_ms;
};

static void fill_fail(const struct fill *fill, const char *what)
{
	fprintf(stderr, "fill: %s: %s\n", what, store_error(fill->store));
	exit(1);
}

/* It is written in one go: what a power failure would take is written anew. */
static char *fill_setting(const void *settings, const char *key)
{
	const char *modules = getenv("BENCH_MODULES");

	(void)settings;
	if (strcmp(key, "module_dir") == 0 && modules != NULL)
		return xstrdup(modules);
	return strcmp(key, "sqlite_sync") == 0 ? xstrdup("normal") : NULL;
}

static struct store *fill_open(const char *path)
{
	char *uri = strstr(path, "://") != NULL ? xstrdup(path)
						: xasprintf("sqlite:%s", path);
	char *error = NULL;
	const struct store_config config = {
		.uri = uri, .random = crypt_random, .setting = fill_setting};
	struct store *store = store_new(&config, &error);

	if (error == NULL)
		error = store_prepare(store);
	if (error != NULL) {
		fprintf(stderr, "fill: %s\n", error);
		exit(1);
	}
	free(uri);
	return store;
}

static void fill_person(struct fill *fill, size_t who, char *hash, bool add)
{
	char *name = xasprintf("person%zu", who);
	struct store_user user = {
		.username = name,
		.display_name = (char *)"",
		.avatar = (char *)"",
		.status_text = (char *)"",
		.password_hash = hash,
		.created_at = fill->now_ms,
	};
	struct store_user found;
	const char *field;

	if (add && store_user_add(fill->store, &user, &field) != STORE_OK)
		fill_fail(fill, "a person");
	if (store_user_by_login(fill->store, name, &found) != STORE_OK)
		fill_fail(fill, "a person is missing");
	memcpy(fill->ids[who], found.id, ID_SIZE);
	store_user_done(&found);
	free(name);
}

static void fill_people(struct fill *fill, bool add)
{
	char hash[CRYPT_PASSWORD_HASH_SIZE];

	crypt_password_hash(PASSWORD, hash);
	fill->ids = xcalloc(fill->people, sizeof(*fill->ids));
	if (add && store_batch_begin(fill->store) != STORE_OK)
		fill_fail(fill, "people");
	for (size_t i = 0; i < fill->people; i++)
		fill_person(fill, i, hash, add);
	if (add && store_batch_commit(fill->store) != STORE_OK)
		fill_fail(fill, "people");
}

/* Who writes message n to whom. */
static void fill_pair(const struct fill *fill, size_t n, size_t *from,
		      size_t *to)
{
	size_t round = n / 10, strangers = fill->people - KNOWN;

	if (n % 10 == 0) {
		*from = round % 2;
		*to = 1 - *from;
	} else if (n % 10 < 3) {
		size_t other = 2 + round % (KNOWN - 2);

		*from = n % 10 == 1 ? 0 : other;
		*to = n % 10 == 1 ? other : 0;
	} else {
		size_t one = n * UINT64_C(2654435761) % strangers;

		*from = KNOWN + one;
		*to = KNOWN + (one + 1 + round % PARTNERS) % strangers;
	}
}

/* One that one message in a thousand has. */
static void fill_word(size_t n, char word[6])
{
	uint64_t hash = (n % 1000 + 1) * UINT64_C(0x9e3779b97f4a7c15);

	for (size_t i = 0; i < 5; i++)
		word[i] = (char)('a' + (hash >> (12 * i)) % 26);
	word[5] = '\0';
}

static void fill_message(struct fill *fill, size_t n)
{
	char client_id[32], text[128], word[6];
	size_t from, to;

	fill_pair(fill, n, &from, &to);
	snprintf(client_id, sizeof(client_id), "fill-%zu", n);
	fill_word(n, word);
	snprintf(text, sizeof(text),
		 "Good morning. Shall we meet at noon where we met %zu weeks "
		 "ago? %s",
		 n, word);

	const struct store_viewer viewer = {fill->ids[from], ROLE_USER};
	const struct store_send send = {
		.sender_name = "",
		.to = fill->ids[to],
		.content = text,
		.client_id = client_id,
		.now_ms = fill->now_ms,
	};
	struct store_sent sent;

	if (store_send(fill->store, &viewer, &send, &sent) != STORE_OK)
		fill_fail(fill, "a message");
	store_sent_done(&sent);
}

/* The log goes back into the file, as housekeeping has it. */
static void fill_commit(struct fill *fill)
{
	int64_t again_ms;

	if (store_batch_commit(fill->store) != STORE_OK ||
	    store_keep(fill->store, fill->now_ms, &again_ms) != STORE_OK)
		fill_fail(fill, "commit");
}

/* The words of all that was written are indexed: housekeeping, which comes
 * every second, does not want to come again at once. */
static void fill_index(struct fill *fill)
{
	int64_t again_ms;

	sleep(2);
	do {
		if (store_keep(fill->store, fill->now_ms, &again_ms) !=
		    STORE_OK)
			fill_fail(fill, "index");
	} while (again_ms < 50);
}

static void fill_messages(struct fill *fill, size_t first, size_t last)
{
	for (size_t n = first; n < last; n++) {
		if ((n - first) % BATCH == 0 &&
		    store_batch_begin(fill->store) != STORE_OK)
			fill_fail(fill, "begin");
		fill_message(fill, n);
		if ((n - first) % BATCH == BATCH - 1 || n == last - 1)
			fill_commit(fill);
	}
}

int main(int argc, char **argv)
{
	struct fill fill = {.now_ms = clock_now_ms()};

	if (argc != 5 || !crypt_init()) {
		fprintf(stderr, "usage: fill DATABASE PEOPLE FIRST LAST\n");
		return 1;
	}
	fill.people = strtoul(argv[2], NULL, 10);
	if (fill.people < (size_t)2 * KNOWN) {
		fprintf(stderr, "fill: at least %d people\n", 2 * KNOWN);
		return 1;
	}

	size_t first = strtoul(argv[3], NULL, 10);
	size_t last = strtoul(argv[4], NULL, 10);

	fill.store = fill_open(argv[1]);
	fill_people(&fill, first == 0);
	fill_messages(&fill, first, last);
	fill_index(&fill);
	store_leave(fill.store);
	store_free(fill.store);
	free(fill.ids);
	printf("filled %zu\n", last);
	return 0;
}
