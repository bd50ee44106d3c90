#include "store-bench.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "crypt.h"
#include "load.h"
#include "mem.h"
#include "slow_vfs.h"
#include "store_copy.h"

_Noreturn void bench_die(const char *what, const struct store *store)
{
	fprintf(stderr, "store-bench: %s: %s\n", what, store_error(store));
	exit(1);
}

static char *setting(const void *bench, const char *key)
{
	const char *modules = getenv("BENCH_MODULES");

	if (strcmp(key, "module_dir") == 0 && modules != NULL)
		return xstrdup(modules);
	return strcmp(key, "sqlite_sync") == 0
		       ? xstrdup(((const struct bench *)bench)->sync)
		       : NULL;
}

struct store *bench_open(const struct bench *bench)
{
	const struct store_config config = {
		.uri = bench->uri,
		.random = crypt_random,
		.setting = setting,
		.settings = bench,
	};
	char *error = NULL;
	struct store *store = store_new(&config, &error);

	if (store == NULL)
		load_die(error);
	return store;
}

static void find_people(struct bench *bench)
{
	struct store *store = bench_open(bench);
	struct store_user user;
	char name[32];

	bench->ids = xcalloc(bench->people, sizeof(*bench->ids));
	for (size_t i = 0; i < bench->people; i++) {
		snprintf(name, sizeof(name), "person%zu", i);
		if (store_user_by_login(store, name, &user) != STORE_OK)
			bench_die(name, store);
		memcpy(bench->ids[i], user.id, ID_SIZE);
		store_user_done(&user);
	}
	store_free(store);
}

/* As browsers make it: random, so that no two are side by side in the index. */
static void new_client_id(char out[37])
{
	uint8_t r[16];

	crypt_random(r, sizeof(r));
	snprintf(out, 37,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
		 "%02x%02x%02x%02x%02x%02x",
		 r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9],
		 r[10], r[11], r[12], r[13], r[14], r[15]);
}

void bench_say_to(struct bench *bench, struct store *store, size_t from,
		  size_t to)
{
	const struct store_viewer viewer = {bench->ids[from], ROLE_USER};
	char client_id[37];
	const struct store_send send = {
		.sender_name = "Somebody",
		.to = bench->ids[to],
		.content = "Shall we meet at the station tomorrow, or would "
			   "you rather come over?",
		.client_id = client_id,
		.now_ms = bench->now_ms++,
	};
	struct store_sent sent;

	new_client_id(client_id);
	if (store_send(store, &viewer, &send, &sent) != STORE_OK)
		bench_die("send", store);
	store_sent_done(&sent);
}

void bench_say(struct bench *bench, struct store *store)
{
	size_t strangers = bench->people - KNOWN;
	size_t one = (size_t)random() % strangers;

	bench_say_to(bench, store, KNOWN + one, KNOWN + (one + 1) % strangers);
}

pid_t bench_start_keeper(const struct bench *bench)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);

	struct store *keeper = bench_open(bench);

	for (;;) {
		int64_t again_ms = 50;

		store_keep(keeper, bench->now_ms, &again_ms);
		usleep((useconds_t)again_ms * 1000);
	}
}

void bench_end_keeper(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static char *uri_of(const char *database)
{
	return strstr(database, "://") != NULL
		       ? xstrdup(database)
		       : xasprintf("sqlite:%s", database);
}

static bool no_progress(int64_t done, int64_t total, void *context)
{
	(void)done;
	(void)total;
	(void)context;
	return true;
}

/* A store that is filled, into one that is empty. It is not compared: the
 * server of the tests reads to a collection's end for each page of it. */
static int copy(const char *from, const char *to)
{
	struct bench source = {.uri = uri_of(from), .sync = "normal"};
	struct bench target = {.uri = uri_of(to), .sync = "normal"};
	struct store *stores[2] = {bench_open(&source), bench_open(&target)};
	const struct store_copying how = {
		.from = stores[0],
		.to = stores[1],
		.live = true,
		.progress = no_progress,
	};
	int64_t began_ms = clock_mono_ms();
	char *error = store_prepare(stores[1]);
	int64_t records;

	if (error == NULL)
		error = store_copy(&how, &records);
	if (error != NULL)
		load_die(error);
	fprintf(stderr, "copied in %.1f s\n",
		(double)(clock_mono_ms() - began_ms) / 1000);
	store_leave(stores[1]);
	store_free(stores[0]);
	store_free(stores[1]);
	free(source.uri);
	free(target.uri);
	return 0;
}

int main(int argc, char **argv)
{
	bool writers = argc == 7 && strcmp(argv[1], "writers") == 0;

	if (argc == 4 && strcmp(argv[1], "copy") == 0 && crypt_init())
		return copy(argv[2], argv[3]);
	if ((!writers && (argc != 5 || strcmp(argv[1], "verbs") != 0)) ||
	    !crypt_init()) {
		fputs("usage: store-bench verbs DATABASE PEOPLE SYNC\n"
		      "       store-bench copy DATABASE DATABASE\n"
		      "       store-bench writers DATABASE PEOPLE SYNC "
		      "FSYNC_MS "
		      "SECONDS\n",
		      stderr);
		return 1;
	}
	struct bench bench = {
		.uri = uri_of(argv[2]),
		.people = strtoul(argv[3], NULL, 10),
		.sync = argv[4],
		.now_ms = clock_now_ms(),
	};

	/* As the store does, which is asked behind the disk here. */
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	slow_vfs_use(0);
	find_people(&bench);
	if (writers)
		bench_writers(&bench, atoll(argv[5]), atoll(argv[6]));
	else
		bench_verbs(&bench);
	free(bench.ids);
	free(bench.uri);
	return 0;
}
