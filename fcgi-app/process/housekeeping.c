#include "housekeeping.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "crypt.h"
#include "erasure.h"
#include "file_place.h"
#include "file_sweep.h"
#include "log.h"
#include "mem.h"
#include "notify_client.h"
#include "palabre_options.h"
#include "stall.h"
#include "store.h"
#include "store_settings.h"

#define FAILED_AGAIN_MS 1000
#define SAY_AGAIN_MS 60000
#define TMP_EVERY_MS 600000
/* A round begins so often, and takes some at a time. */
#define UNUSED_EVERY_MS 600000
#define UNUSED_NEXT_MS 100
#define PEOPLE_EVERY_MS 60000
#define PEOPLE_NEXT_MS 100
#define PEOPLE_AT_ONCE 100
#define ERASE_EVERY_MS 1000
#define ERASE_NEXT_MS 20      /* others write meanwhile */
#define FOLDER_EVERY_MS 20000 /* all of them in an hour and a half */

struct house {
	const struct palabre_options *options;
	struct store *store;
	struct notify_client *notify;
	struct file_sweep sweep;
	size_t strange; /* files, as was said last */
	int64_t say_at; /* clock_mono_ms() */
};

/* ---- what there is to do: each answers after how long it is due again ---- */

/* A store that is down is said once a minute. */
static int64_t house_again(struct house *house, enum store_status status,
			   int64_t again_ms)
{
	int64_t now = clock_mono_ms();

	if (status == STORE_OK)
		return again_ms;
	if (now >= house->say_at) {
		log_warning("housekeeping: %s", store_error(house->store));
		house->say_at = now + SAY_AGAIN_MS;
	}
	return FAILED_AGAIN_MS;
}

static int64_t house_keep_store(struct house *house)
{
	int64_t again_ms = FAILED_AGAIN_MS;
	enum store_status status =
		store_keep(house->store, clock_now_ms(), &again_ms);

	if (*store_notice(house->store) != '\0')
		log_warning("%s", store_notice(house->store));
	return house_again(house, status, again_ms);
}

static int64_t house_sweep_unused(struct house *house)
{
	bool more = false;
	enum store_status status = file_sweep_unused(
		&house->sweep, house->store, house->options->file_dir,
		clock_now_ms(), &more);

	return house_again(house, status,
			   more ? UNUSED_NEXT_MS : UNUSED_EVERY_MS);
}

/* At the end of a round, unless there are as many as before. */
static void house_say_strange(struct house *house)
{
	size_t strange = house->sweep.strange;

	if (strange > 0 && strange != house->strange)
		log_warning("file_dir: files that the store does not know and "
			    "that are older than it, or than its last restore, "
			    "are left there: %zu",
			    strange);
	house->strange = strange;
}

static int64_t house_sweep_folder(struct house *house)
{
	enum store_status status =
		file_sweep_folder(&house->sweep, house->store,
				  house->options->file_dir, clock_now_ms());

	if (status == STORE_OK && house->sweep.folder == 0)
		house_say_strange(house);
	return house_again(house, status, FOLDER_EVERY_MS);
}

static int64_t house_sweep_tmp(struct house *house)
{
	file_place_sweep_tmp(house->options->file_dir);
	return TMP_EVERY_MS;
}

/* Who will not come back. */
static int64_t house_sweep_guests(struct house *house)
{
	size_t gone;
	enum store_status status = store_guest_sweep(
		house->store, clock_now_ms(), PEOPLE_AT_ONCE, &gone);

	return house_again(house, status,
			   gone == PEOPLE_AT_ONCE ? PEOPLE_NEXT_MS
						  : PEOPLE_EVERY_MS);
}

/* What nobody sees any more. */
static int64_t house_trim_lobby(struct house *house)
{
	size_t gone;
	enum store_status status =
		store_lobby_trim(house->store, PEOPLE_AT_ONCE, &gone);

	return house_again(house, status,
			   gone == PEOPLE_AT_ONCE ? PEOPLE_NEXT_MS
						  : PEOPLE_EVERY_MS);
}

/* Of whoever is to be erased. */
static int64_t house_erase(struct house *house)
{
	struct file_gone gone = {.count = 0};
	enum store_status status =
		erasure_step(house->store, notify_out(house->notify),
			     file_sweep_note, &gone, clock_now_ms());

	notify_flush(house->notify);
	if (status == STORE_NOT_FOUND)
		return ERASE_EVERY_MS;
	if (status == STORE_OK)
		status = file_sweep_gone(&gone, house->store,
					 house->options->file_dir);
	return house_again(house, status, ERASE_NEXT_MS);
}

/* First what a store must have in time. */
static int64_t (*const house_work[])(struct house *house) = {
	house_keep_store,   house_erase,     house_sweep_unused,
	house_sweep_folder, house_sweep_tmp, house_sweep_guests,
	house_trim_lobby,
};

/* ---- when ---- */

static volatile sig_atomic_t housekeeping_over;

static void housekeeping_on_signal(int number)
{
	(void)number;
	housekeeping_over = 1;
}

/* Blocked but while waiting, so that none comes between looking and that. */
static void housekeeping_wait(int64_t ms)
{
	struct timespec timeout = {ms / 1000, ms % 1000 * 1000000L};
	sigset_t open;

	sigemptyset(&open);
	ppoll(NULL, 0, &timeout, &open);
}

static void housekeeping_loop(const struct housekeeping_config *config,
			      struct house *house)
{
	int64_t due[COUNT_OF(house_work)] = {0};

	while (!housekeeping_over && getppid() == config->supervisor) {
		int64_t next = INT64_MAX;

		for (size_t i = 0; i < COUNT_OF(house_work); i++) {
			atomic_fetch_add(config->moves, 1);
			if (clock_mono_ms() >= due[i])
				due[i] = clock_mono_ms() + house_work[i](house);
			next = due[i] < next ? due[i] : next;
		}
		next -= clock_mono_ms();
		housekeeping_wait(next > 0 ? next : 0);
	}
}

static void set_signals(void)
{
	struct sigaction action = {.sa_handler = housekeeping_on_signal};
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	sigaction(SIGINT, &ignore, NULL);
	prctl(PR_SET_NAME, HOUSEKEEPING_NAME);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
}

int housekeeping_run(const struct housekeeping_config *config)
{
	struct house house = {.options = config->options};
	struct stall_member writes = {.metrics = NULL};
	char *error = NULL;

	stall_join(&writes, config->stall);
	const struct store_watch watch = stall_watch(&writes);

	set_signals();
	if (!crypt_init())
		error = xstrdup("no randomness");
	else
		house.store = store_watched_of_settings(config->options, &watch,
							&error);
	house.notify = notify_client_new(config->options->notify_socket,
					 "keeper", NULL, NULL);
	if (house.store != NULL)
		housekeeping_loop(config, &house);
	else
		log_error("housekeeping: %s", error);
	free(error);
	notify_client_free(house.notify);
	store_free(house.store);
	return house.store != NULL ? 0 : 1;
}
