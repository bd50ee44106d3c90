/*
 * erase_routes - a person deletes their account, and all that they wrote; or
 * takes it with them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app.h"
#include "clock.h"
#include "erasure.h"
#include "export.h"
#include "file_place.h"
#include "input.h"
#include "log.h"
#include "mem.h"
#include "notify_client.h"
#include "own_password.h"
#include "palabre_options.h"
#include "request.h"
#include "response.h"
#include "routes.h"

/* The rest is done by housekeeping, and told as it goes. */
void route_erase_me(struct app *app, const struct request *request,
		    struct response *response)
{
	const char *id = request->user.id, *password;

	if (!input_text_required(request, response, "password", &password) ||
	    !own_password(app, request, password, response))
		return;

	enum store_status status =
		store_erase_begin(app->store, id, request->now_ms);

	if (status == STORE_FORBIDDEN) {
		response_refuse(response, REFUSAL_LAST_OPERATOR);
		return;
	}
	if (status != STORE_OK) {
		response_store_error(response, status);
		return;
	}
	erasure_announce_begin(notify_out(app->notify), id, request->id);
	response_say(response,
		     "Your account is deleted. What you wrote goes now.");
}

/* ---- GET /api/users/me/export ---- */

#define EXPORT_AGAIN_S 10
#define EXPORT_HEARD_MS 9000 /* nginx waits for it ten seconds */

static void export_refuse(struct response *response, enum export_status status)
{
	if (status == EXPORT_STORE) {
		response_store_error(response, STORE_UNAVAILABLE);
		return;
	}
	if (status == EXPORT_BUSY) {
		response_refuse_for(response, REFUSAL_RATE_LIMITED,
				    EXPORT_AGAIN_S);
		return;
	}
	log_warning("an export: %s", strerror(errno));
	response_refuse_for(response,
			    status == EXPORT_NO_SPACE ? REFUSAL_NO_SPACE
						      : REFUSAL_INTERNAL,
			    60);
}

/* One of a user's at a time: a later one takes its place. Whoever is still
 * being sent the earlier one gets all of it. */
static bool export_place(struct app *app, const struct request *request,
			 const char *tmp, struct response *response)
{
	char place[FILE_PLACE_MAX];
	char *redirect;

	if (!file_place_export(app->options->file_dir, request->user.id, false,
			       place) ||
	    rename(tmp, place) != 0)
		return false;
	redirect = xasprintf("/palabre-files/tmp/" FILE_EXPORT "%s",
			     request->user.id);
	response_bytes(response, 200, "application/x-tar");
	response_header(response, "X-Accel-Redirect", redirect);
	response_header(response, "Content-Disposition",
			"attachment; filename=\"palabre.tar\"");
	response_header(response, "Cache-Control", "no-store");
	free(redirect);
	return true;
}

/* One at a time, lest they keep every worker busy. */
static enum export_status export_in_turn(struct app *app,
					 const struct request *request, int fd)
{
	const struct export_job job = {
		.file_dir = app->options->file_dir,
		.now_ms = request->now_ms,
		.fd = fd,
		.moves = app->moves,
	};
	int turn = file_place_export_turn(job.file_dir);

	if (turn < 0)
		return errno == EWOULDBLOCK ? EXPORT_BUSY : EXPORT_FAILED;

	enum export_status status =
		export_write(app->store, &request->user, &job);

	close(turn);
	return status;
}

/* It took so long that nobody waits for it any more: it is theirs when they
 * ask again. */
static bool export_keep(struct app *app, const struct request *request,
			const char *tmp, struct response *response)
{
	char late[FILE_PLACE_MAX];

	if (!file_place_export(app->options->file_dir, request->user.id, true,
			       late) ||
	    rename(tmp, late) != 0)
		return false;
	export_refuse(response, EXPORT_BUSY);
	return true;
}

static bool export_was_kept(struct app *app, const struct request *request,
			    struct response *response)
{
	char late[FILE_PLACE_MAX];

	return file_place_export(app->options->file_dir, request->user.id, true,
				 late) &&
	       export_place(app, request, late, response);
}

/* OK: it is in its place, and answered. */
static enum export_status export_make(struct app *app,
				      const struct request *request, int fd,
				      const char *tmp,
				      struct response *response)
{
	int64_t begun = clock_mono_ms();
	enum export_status status = export_in_turn(app, request, fd);

	if (status != EXPORT_OK)
		return status;

	bool heard = clock_mono_ms() - begun < EXPORT_HEARD_MS;
	bool done = heard ? export_place(app, request, tmp, response)
			  : export_keep(app, request, tmp, response);

	return done ? EXPORT_OK : EXPORT_FAILED;
}

void route_export_me(struct app *app, const struct request *request,
		     struct response *response)
{
	char tmp[FILE_PLACE_MAX];
	enum export_status status = EXPORT_FAILED;
	int fd;

	if (export_was_kept(app, request, response))
		return;
	fd = file_place_tmp(app->options->file_dir, tmp);
	if (fd >= 0)
		status = export_make(app, request, fd, tmp, response);
	if (status != EXPORT_OK) {
		export_refuse(response, status);
		if (fd >= 0)
			unlink(tmp);
	}
	if (fd >= 0)
		close(fd);
}
