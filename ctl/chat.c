#include "chat.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chat_state.h"
#include "clock.h"
#include "crypt.h"
#include "json.h"
#include "mem.h"
#include "palabre_options.h"
#include "screen.h"

#define PAUSE_MIN_MS 1000
#define PAUSE_MAX_MS 30000
#define LOOK_MS 10000 /* whether the daemon is there still */

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

/* ---- the connection ---- */

/* False: not now, which was told. */
static bool connect_now(struct chat *chat)
{
	char *wrong = live_open(&chat->live, chat->options->push_socket,
				chat->rest.token);

	if (wrong != NULL) {
		chat_refuse(chat, "%s", wrong);
		free(wrong);
		return false;
	}
	chat->pause_ms = PAUSE_MIN_MS;
	chat_catch_up(chat, false);
	return true;
}

static void plan_retry(struct chat *chat)
{
	chat_tell(chat, "No connection; next try in %d s.",
		  (int)(chat->pause_ms / 1000));
	chat->retry_at = clock_mono_ms() + chat->pause_ms;
	chat->pause_ms *= 2;
	if (chat->pause_ms > PAUSE_MAX_MS)
		chat->pause_ms = PAUSE_MAX_MS;
}

/* A script must not go on as if nothing had happened. */
static void lose(struct chat *chat)
{
	live_close(&chat->live);
	json_free(chat->here);
	chat->here = NULL;
	if (chat->leaving)
		return;
	if (chat->terminal) {
		plan_retry(chat);
	} else {
		chat_refuse(chat, "the connection to palabre-pushd is lost");
		chat->leaving = true;
	}
}

static void take_events(struct chat *chat)
{
	bool lasts = live_read(&chat->live);
	struct json_object *event;

	while (!chat->leaving && (event = live_next(&chat->live)) != NULL) {
		chat_take_event(chat, event);
		json_free(event);
	}
	if (!lasts || chat->live.ended)
		lose(chat);
}

/* ---- the loop ---- */

static int time_left(const struct chat *chat)
{
	int64_t left = chat->retry_at - clock_mono_ms();

	if (chat->live.fd >= 0)
		return LOOK_MS;
	return left < 0 ? 0 : (int)left;
}

static void wait_for_something(struct chat *chat)
{
	struct pollfd fds[] = {
		{STDIN_FILENO, POLLIN, 0},
		{chat->live.fd, POLLIN, 0},
	};

	if (poll(fds, COUNT_OF(fds), time_left(chat)) < 0)
		return;
	/* First what happened: it is what an answer refers to. */
	if (fds[1].revents != 0)
		take_events(chat);
	if (fds[0].revents != 0)
		screen_input();
}

static void run(struct chat *chat)
{
	while (!chat->leaving && !interrupted) {
		wait_for_something(chat);
		if (live_is_silent(&chat->live, clock_mono_ms()))
			lose(chat);
		if (chat->live.fd < 0 && !chat->leaving &&
		    clock_mono_ms() >= chat->retry_at && !connect_now(chat))
			plan_retry(chat);
	}
}

/* ---- the session ---- */

/* False: they are no operator, or nobody can say; which was told. */
static bool is_operator(struct chat *chat, const char *name)
{
	struct json_object *user =
		chat_ask(chat, "GET", xstrdup("/api/users/me"), NULL);
	const char *role = "", *id = "";

	json_get_string(user, "role", &role);
	json_get_string(user, "_id", &id);

	bool is = strcmp(role, "operator") == 0;

	if (user == NULL) {
		chat->status = CHAT_UNTRIED;
	} else if (!is || !id_valid(id)) {
		chat_refuse(chat,
			    "%s is no operator: palabrectl user role %s "
			    "operator",
			    name, name);
		chat->status = CHAT_REFUSED;
	} else {
		memcpy(chat->id, id, ID_SIZE);
	}
	json_free(user);
	return is;
}

static void log_out(struct chat *chat)
{
	struct json_object *answer;

	local_rest(&chat->rest, "POST", "/api/auth/logout", json_new_object(),
		   &answer);
	json_free(answer);
}

static void catch_signals(void)
{
	const struct sigaction ours = {.sa_handler = interrupt};

	sigaction(SIGINT, &ours, NULL);
	sigaction(SIGTERM, &ours, NULL);
	sigaction(SIGHUP, &ours, NULL);
}

static void leave_out(void *context)
{
	chat_refuse(context, "a line that is too long was left out");
}

static void talk(struct chat *chat)
{
	chat_catch_up(chat, true);
	if (!connect_now(chat)) {
		chat->status = CHAT_UNTRIED;
		return;
	}
	chat_tell(chat, "/list, /select, /help");
	screen_start(chat->terminal, chat_typed, leave_out, chat);
	chat->started = true;
	run(chat);
	screen_stop();
}

int chat_run(const struct palabre_options *options, const char *name,
	     const char *token)
{
	struct chat chat = {
		.options = options,
		.rest = {options->api_socket, token},
		.pause_ms = PAUSE_MIN_MS,
		.terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO),
	};

	setvbuf(stdout, NULL, _IOLBF, 0);
	live_init(&chat.live);
	id_new(clock_now_ms(), crypt_random, chat.mark);
	catch_signals();
	if (is_operator(&chat, name))
		talk(&chat);
	log_out(&chat);
	live_close(&chat.live);
	json_free(chat.here);
	json_free(chat.message);
	desk_done(&chat.desk);
	return chat.status;
}
