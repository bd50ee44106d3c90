/* A session for somebody, without their password, for programs of the operator
 * on this machine; and another key to sign all tokens with. */
#include "admin.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "announce.h"
#include "app.h"
#include "broadcast.h"
#include "buf.h"
#include "clock.h"
#include "crypt.h"
#include "daemons.h"
#include "json.h"
#include "mem.h"
#include "palabre_options.h"
#include "processes.h"
#include "room.h"
#include "session_answer.h"
#include "store.h"
#include "token.h"

#define NEWS_MAX 4096

static const char notice[] =
	"The operator of this server signed in as you, with palabrectl. It is "
	"in the list of your devices, where you can end it.";

/* In the list of their devices and in the audit, or in neither. */
static enum store_status open_session(struct admin *admin,
				      const struct store_user *user,
				      struct store_session *session)
{
	const struct store_deed deed = {
		.act = ACT_TOKEN,
		.user = user->id,
		.now_ms = session->created_at,
	};
	enum store_status status = store_batch_begin(admin->store);

	if (status != STORE_OK)
		return status;
	memcpy(session->user_id, user->id, ID_SIZE);
	status = store_session_open(admin->store, session, NULL);
	if (status == STORE_OK)
		status = store_operator_act(admin->store, &admin_viewer, &deed);
	if (status == STORE_OK)
		return store_batch_commit(admin->store);
	store_batch_rollback(admin->store);
	return status;
}

/* Where nobody can be told now, it is in the list all the same. */
static void tell_user(struct admin *admin, const char *user, int64_t now_ms)
{
	char room[ROOM_SIZE];
	const struct broadcast broadcast = {
		.message = notice,
		.level = "warning",
		.room = room,
		.now_ms = now_ms,
	};
	struct buf news;

	room_of_user(user, room);
	buf_init(&news, NEWS_MAX);
	broadcast_announce(&news, &broadcast, NULL);
	char *wrong = daemons_tell(admin->options, &news);

	if (wrong != NULL)
		fprintf(admin->err,
			"%s: they see it in the list of their devices\n",
			wrong);
	free(wrong);
	buf_done(&news);
}

static void print_token(struct admin *admin, const struct store_user *user,
			const struct store_session *session, const char *token)
{
	if (admin->json == NULL) {
		fprintf(admin->out, "%s\n", token);
		return;
	}
	json_put_string(admin->json, "token", token);
	json_put_time(admin->json, "expiresAt", session->expires_at);
	json_put_string(admin->json, "username", user->username);
	json_put_string(admin->json, "userId", user->id);
}

static int issue(struct admin *admin, const struct store_user *user,
		 const char *name, struct app *app)
{
	const struct session_origin from = {
		.agent = "palabrectl",
		.address = "",
		.now_ms = clock_now_ms(),
	};
	struct store_session session;

	session_describe(app, &from, user->role, &session);

	enum store_status status = open_session(admin, user, &session);
	int code = 0;

	if (status == STORE_NOT_FOUND) { /* it was there a moment ago */
		code = admin_fail(admin, 1, "%s: is disabled", name);
	} else if (status != STORE_OK) {
		code = admin_fail_store(admin, name, status);
	} else {
		char *token = session_token(app, &session, from.now_ms);

		tell_user(admin, user->id, from.now_ms);
		print_token(admin, user, &session, token);
		crypt_wipe(token, strlen(token));
		free(token);
	}
	store_session_done(&session);
	return code;
}

int admin_token_issue(struct admin *admin, char **words)
{
	struct store_user user = {0};
	struct app app = {.options = admin->options, .store = admin->store};
	char *error = NULL;
	int code = admin_find_user(admin, words[0], &user);

	if (code != 0)
		return code;
	app.keys = token_keys_load(admin->options->key_file, &error);
	code = app.keys != NULL ? issue(admin, &user, words[0], &app)
				: admin_fail(admin, 2, "%s", error);
	token_keys_free(app.keys);
	free(error);
	store_user_done(&user);
	return code;
}

/* ---- another key ---- */

/* One that hangs is replaced after 10 s. */
#define PATIENCE_MS 30000
#define PAUSE_MS 20

/* Every worker of before is gone: each that is there has read the file anew.
 * NULL, or what is wrong. */
static char *wait_for_others(const struct processes *before)
{
	const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
	int64_t until = clock_mono_ms() + PATIENCE_MS;

	while (processes_left(before) > 1) {
		if (clock_mono_ms() > until)
			return xstrdup("palabre-api has not read it again: its "
				       "log says why");
		nanosleep(&pause, NULL);
	}
	return processes_left(before) == 1
		       ? NULL
		       : xstrdup("palabre-api has ended meanwhile");
}

/* Nothing to do where it does not run. The same. */
static char *let_read(struct admin *admin)
{
	struct processes servers;
	char *error = NULL;

	processes_find(&servers, "palabre-api", admin->options);
	processes_leave_commands(&servers);
	const struct process *leader = processes_leader(&servers);

	if (leader != NULL && kill(leader->pid, SIGHUP) != 0)
		error = xasprintf("palabre-api (process %d): %s", leader->pid,
				  strerror(errno));
	else if (leader != NULL)
		error = wait_for_others(&servers);
	processes_done(&servers);
	return error;
}

int admin_token_rotate(struct admin *admin, char **words)
{
	const char *path = admin->options->key_file;
	char *error = token_keys_add(path);

	(void)words;
	if (error == NULL)
		error = let_read(admin);
	if (error == NULL)
		error = token_keys_sign_with_last(path);
	if (error == NULL)
		error = let_read(admin);
	if (error == NULL)
		return admin_done(admin,
				  "%s: a new key signs; tokens of those "
				  "before it hold on",
				  path);
	admin_fail(admin, 1, "%s", error);
	free(error);
	return 1;
}
