/*
 * search - how long it takes to find what was said, in a store that fill wrote.
 *
 *     search DATABASE [QUERY ...]
 *
 * DATABASE is SQLite's file, or a URI; of MongoDB's module BENCH_MODULES in the
 * environment says where it is.
 *
 * By person0, who is in a third of its conversations. For each query, and for a
 * page of history: the median and the longest of some goes, what was found, and
 * whether there is more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "crypt.h"
#include "mem.h"
#include "store.h"
#include "store_search.h"

#define GOES 50

struct searched {
	struct store *store;
	struct store_viewer viewer;
	size_t count;
	int64_t took_us[GOES];
};

static char *search_setting(const void *settings, const char *key)
{
	const char *modules = getenv("BENCH_MODULES");

	(void)settings;
	if (strcmp(key, "module_dir") == 0 && modules != NULL)
		return xstrdup(modules);
	if (strcmp(key, "mongodb_unfinished") == 0)
		return xstrdup("");
	return strcmp(key, "lobby") == 0 ? xstrdup("off") : NULL;
}

static bool search_count(const struct store_message *message, void *context)
{
	(void)message;
	((struct searched *)context)->count++;
	return true;
}

static int search_compare(const void *a, const void *b)
{
	int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;

	return one < other ? -1 : one > other;
}

static void search_print(struct searched *run, const char *what, bool more)
{
	const int64_t *median = &run->took_us[GOES / 2];

	qsort(run->took_us, GOES, sizeof(run->took_us[0]), search_compare);
	printf("%-40s %8.2f ms %8.2f ms %4zu%s\n", what, (double)*median / 1000,
	       (double)run->took_us[GOES - 1] / 1000, run->count / GOES,
	       more ? ", more" : "");
	run->count = 0;
}

static bool search_history(struct searched *run)
{
	struct store_conversation conversation = {.id = ""};
	char id[ID_SIZE], other[ID_SIZE];
	struct store_user user;

	if (store_user_by_login(run->store, "person1", &user) != STORE_OK)
		return false;
	memcpy(other, user.id, ID_SIZE);
	store_user_done(&user);
	id_direct(run->viewer.id, other, id);
	if (store_conversation_get(run->store, &run->viewer, id,
				   &conversation) != STORE_OK)
		return false;
	for (size_t i = 0; i < GOES; i++) {
		const struct store_range page = {conversation.last_seq - 19,
						 conversation.last_seq};
		int64_t began = clock_mono_us();

		store_messages(run->store, &run->viewer, id, &page,
			       search_count, run);
		run->took_us[i] = clock_mono_us() - began;
	}
	store_conversation_done(&conversation);
	search_print(run, "(a page of history)", false);
	return true;
}

static void search_query(struct searched *run, const char *query)
{
	struct store_terms terms;
	struct store_search search = {.terms = &terms, .limit = 20};

	if (!store_terms_read(query, &terms))
		return;
	for (size_t i = 0; i < GOES; i++) {
		int64_t began = clock_mono_us();

		store_search(run->store, &run->viewer, &search, search_count,
			     run);
		run->took_us[i] = clock_mono_us() - began;
	}
	search_print(run, query, search.next[0] != '\0');
}

int main(int argc, char **argv)
{
	struct searched run = {.count = 0};
	struct store_user user;
	char *error = NULL;
	const char *database = argc > 1 ? argv[1] : "";
	char *uri = strstr(database, "://") != NULL
			    ? xstrdup(database)
			    : xasprintf("sqlite:%s", database);
	const struct store_config config = {
		.uri = uri,
		.random = crypt_random,
		.setting = search_setting,
	};

	run.store = store_new(&config, &error);
	if (run.store == NULL ||
	    store_user_by_login(run.store, "person0", &user) != STORE_OK) {
		fprintf(stderr, "search: %s\n",
			error != NULL ? error : "no store that fill wrote");
		return 1;
	}
	run.viewer = store_viewer_of(&user);
	if (!search_history(&run))
		return 1;
	for (int i = 2; i < argc; i++)
		search_query(&run, argv[i]);
	store_user_done(&user);
	store_free(run.store);
	free(uri);
	return 0;
}
