#include "housekeeping.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "crypt.h"
#include "log.h"
#include "mem.h"
#include "store.h"
#include "store_settings.h"

#define FAILED_AGAIN_MS 1000
#define SAY_AGAIN_MS 60000

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

static int64_t keep_store(struct store *store, int64_t *say_at)
{
	int64_t again_ms = FAILED_AGAIN_MS;
	enum store_status status = store_keep(store, clock_now_ms(), &again_ms);
	int64_t now = clock_mono_ms();

	if (status == STORE_OK) {
		if (*store_notice(store) != '\0')
			log_warning("%s", store_notice(store));
		return again_ms;
	}
	if (now >= *say_at) {
		log_warning("housekeeping: %s", store_error(store));
		*say_at = now + SAY_AGAIN_MS;
	}
	return FAILED_AGAIN_MS;
}

static void housekeeping_loop(const struct housekeeping_config *config,
			      struct store *store)
{
	int64_t say_at = 0;

	while (!housekeeping_over && getppid() == config->supervisor) {
		atomic_fetch_add(config->moves, 1);
		housekeeping_wait(keep_store(store, &say_at));
	}
}

int housekeeping_run(const struct housekeeping_config *config)
{
	struct sigaction action = {.sa_handler = housekeeping_on_signal};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	char *error = NULL;

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	sigaction(SIGINT, &ignore, NULL);
	prctl(PR_SET_NAME, HOUSEKEEPING_NAME);
	/* It may have died before this call. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != config->supervisor)
		return 0;
	if (!crypt_init()) {
		log_error("housekeeping: no randomness");
		return 1;
	}
	struct store *store = store_of_settings(config->options, &error);

	if (store != NULL)
		housekeeping_loop(config, store);
	else
		log_error("housekeeping: %s", error);
	free(error);
	store_free(store);
	return store != NULL ? 0 : 1;
}
