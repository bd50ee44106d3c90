/* A person goes, from the command line: all at once, also while palabre-api is
 * stopped. */
#include "admin.h"

#include <stdlib.h>

#include "buf.h"
#include "clock.h"
#include "daemons.h"
#include "erasure.h"
#include "file_sweep.h"
#include "palabre_options.h"
#include "store.h"

#define NEWS_MAX (4 * 1024 * 1024)
#define NEWS_AT_ONCE (64 * 1024)

struct going {
	struct admin *admin;
	struct buf news;
	bool untold; /* it was said that somebody was not told */
};

static void tell(struct going *going)
{
	char *wrong = going->news.len > 0 ? daemons_tell(going->admin->options,
							 &going->news)
					  : NULL;

	if (wrong != NULL && !going->untold)
		admin_fail(going->admin, 1,
			   "%s: clients learn of it when they come back",
			   wrong);
	going->untold |= wrong != NULL;
	free(wrong);
	buf_reset(&going->news);
}

static enum store_status go_on(struct going *going)
{
	struct admin *admin = going->admin;
	struct file_gone gone = {.count = 0};
	enum store_status status =
		erasure_step(admin->store, &going->news, file_sweep_note, &gone,
			     clock_now_ms());

	if (status == STORE_OK)
		status = file_sweep_gone(&gone, admin->store,
					 admin->options->file_dir);
	if (going->news.len > NEWS_AT_ONCE)
		tell(going);
	return status;
}

int admin_user_delete(struct admin *admin, char **words)
{
	struct going going = {.admin = admin};
	struct store_user user = {0};
	int code = admin_find_user(admin, words[0], &user);

	if (code != 0)
		return code;

	enum store_status status =
		store_erase_begin(admin->store, user.id, clock_now_ms());

	if (status == STORE_FORBIDDEN) {
		store_user_done(&user);
		return admin_fail(admin, 1, "%s: the last operator cannot go",
				  words[0]);
	}
	buf_init(&going.news, NEWS_MAX);
	erasure_announce_begin(&going.news, user.id, NULL);
	while (status == STORE_OK)
		status = go_on(&going);
	tell(&going);
	buf_done(&going.news);
	store_user_done(&user);
	if (status != STORE_NOT_FOUND)
		return admin_fail_store(admin, words[0], status);
	admin_done(admin, "%s is deleted", words[0]);
	return going.untold;
}
