/*
 * Promise 1 through power loss: a fixed workload is recorded on a disk that
 * keeps only what was synced, cut at each sync in turn. Whatever a verb
 * answered STORE_OK before the cut has to be in what survives.
 */
#include "contract.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "crypt.h"
#include "mem.h"
#include "power_vfs.h"
#include "power_work.h"

#define FOLDER_MAX 200

/* ---- a machine that comes up again ---- */

static void empty_folder(const char *folder)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};

	for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
		char *path = xasprintf("%s/palabre.db%s", folder, suffixes[i]);

		unlink(path);
		free(path);
	}
}

static size_t count_lost(struct store *store, const struct power_work *work,
			 size_t cut)
{
	size_t lost = 0;

	assert_ok(store_read_begin(store));
	for (const struct power_fact *fact = work->fact;
	     fact < work->fact + work->facts && fact->when <= cut; fact++)
		if (fact->until == 0 || cut <= fact->until)
			lost += !power_fact_kept(store, fact);
	store_read_end(store);
	return lost;
}

/* People go on: the last message once more, for its sender cannot know, then
 * another. */
static void go_on(struct store *store, const struct power_work *work,
		  size_t cut)
{
	struct contract c = {.store = store, .now = work->c.now};
	const struct power_fact *last = NULL;

	for (size_t i = 0; i < work->facts && work->fact[i].when <= cut; i++)
		if (work->fact[i].kind == FACT_MESSAGE)
			last = &work->fact[i];
	if (last == NULL)
		return;
	const char *to = strcmp(last->user, work->c.ann) == 0 ? work->c.bob
							      : work->c.ann;
	char *text = power_text(last->len);
	struct store_sent again =
		contract_say(&c, last->user, to, text, last->text);

	assert_true(again.duplicate);
	assert_string_equal(again.message.id, last->id);
	store_sent_done(&again);
	free(text);
	contract_place(&c, last->user, to, "another");
}

struct outcome {
	size_t cuts, lost;
};

/* Every cut: what is lost is counted; verify has to be clean. */
static struct outcome cut_at_each_sync(const struct power_work *work,
				       enum power_loss loss, const char *folder)
{
	struct power_replay *replay = power_replay_new(work->disk);
	struct outcome outcome = {0};

	while (power_replay_next(replay)) {
		size_t cut = power_replay_at(replay);

		power_replay_save(replay, loss, folder);
		struct store *store = power_store_open(folder, true);
		size_t lost = count_lost(store, work, cut);

		contract_assert_clean(store);
		if (lost == 0) {
			go_on(store, work, cut);
			contract_assert_clean(store);
		}
		store_free(store);
		empty_folder(folder);
		outcome.cuts++;
		outcome.lost += lost;
	}
	power_replay_free(replay);
	return outcome;
}

/* ---- tests ---- */

struct folders {
	char record[FOLDER_MAX], after[FOLDER_MAX];
};

static void make_folder(char folder[FOLDER_MAX])
{
	const char *parent = getenv("TMPDIR");

	snprintf(folder, FOLDER_MAX, "%s/palabre-power-XXXXXX",
		 parent != NULL ? parent : "/tmp");
	assert_non_null(mkdtemp(folder));
}

static int make_folders(void **state)
{
	struct folders *folders = xcalloc(1, sizeof(*folders));

	make_folder(folders->record);
	make_folder(folders->after);
	*state = folders;
	return 0;
}

static int remove_folders(void **state)
{
	struct folders *folders = *state;

	power_vfs_tell(NULL);
	empty_folder(folders->record);
	empty_folder(folders->after);
	rmdir(folders->record);
	rmdir(folders->after);
	free(folders);
	return 0;
}

static struct outcome lose_power(const struct folders *folders, bool full_sync,
				 enum power_loss loss)
{
	struct power_work *work = power_work_new(folders->record, full_sync);
	struct outcome outcome = cut_at_each_sync(work, loss, folders->after);

	print_message("# %zu promises, %zu cuts, lost %zu times\n", work->facts,
		      outcome.cuts, outcome.lost);
	power_work_free(work);
	return outcome;
}

static void
with_full_sync_what_was_acknowledged_survives_a_cut_at_any_sync(void **state)
{
	struct outcome outcome = lose_power(*state, true, POWER_LOSE_ALL);

	assert_true(outcome.cuts > POWER_ROUNDS);
	assert_int_equal(outcome.lost, 0);
}

static void whichever_unsynced_sectors_survive_as_well(void **state)
{
	struct outcome outcome = lose_power(*state, true, POWER_LOSE_SOME);

	assert_true(outcome.cuts > POWER_ROUNDS);
	assert_int_equal(outcome.lost, 0);
}

/* Which shows, too, that a cut takes something away. */
static void with_normal_sync_something_is_lost_and_the_rest_clean(void **state)
{
	struct outcome outcome = lose_power(*state, false, POWER_LOSE_ALL);

	assert_true(outcome.lost > 0);
}

static void with_normal_sync_loose_sectors_break_nothing(void **state)
{
	struct outcome outcome = lose_power(*state, false, POWER_LOSE_SOME);

	assert_true(outcome.lost > 0);
}

#define POWER_TEST(function)                                                   \
	cmocka_unit_test_setup_teardown(function, make_folders, remove_folders)

int main(void)
{
	const struct CMUnitTest tests[] = {
		POWER_TEST(
			with_full_sync_what_was_acknowledged_survives_a_cut_at_any_sync),
		POWER_TEST(whichever_unsynced_sectors_survive_as_well),
		POWER_TEST(
			with_normal_sync_something_is_lost_and_the_rest_clean),
		POWER_TEST(with_normal_sync_loose_sectors_break_nothing),
	};

	if (!crypt_init())
		return 1;
	return cmocka_run_group_tests_name("power loss", tests, NULL, NULL);
}
