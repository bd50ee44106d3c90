/*
 * file_routes - uploads, as the bytes of a body, and their way back, which
 * nginx goes by itself (X-Accel-Redirect).
 */
#include <errno.h>
#include <string.h>

#include "app.h"
#include "body_reader.h"
#include "buf.h"
#include "file_sweep.h"
#include "file_type.h"
#include "input.h"
#include "json_text.h"
#include "log.h"
#include "mem.h"
#include "palabre_options.h"
#include "percent.h"
#include "preview_client.h"
#include "request.h"
#include "response.h"
#include "routes.h"
#include "store.h"
#include "upload.h"

#define PIECE 65536
#define DURATION_MAX_MS (4 * 3600 * 1000)

/* ---- POST /api/files?name=&duration= ---- */

static void refuse_upload(struct response *response, enum upload_status status)
{
	static const enum refusal refusals[] = {
		[UPLOAD_OK] = REFUSAL_INTERNAL, /* it is none */
		[UPLOAD_EMPTY] = REFUSAL_EMPTY_FILE,
		[UPLOAD_DAMAGED] = REFUSAL_DAMAGED_PICTURE,
		[UPLOAD_TOO_LARGE] = REFUSAL_TOO_LARGE,
		[UPLOAD_NO_SPACE] = REFUSAL_NO_SPACE,
		[UPLOAD_FAILED] = REFUSAL_UNAVAILABLE,
	};

	if (status >= UPLOAD_NO_SPACE) {
		log_warning("file_dir: %s", strerror(errno));
		response_refuse(response, refusals[status]);
		response_header(response, "Retry-After", "60");
		return;
	}
	response_refuse(response, refusals[status]);
}

static size_t upload_max(const struct request *request)
{
	return request->user.role == ROLE_GUEST ? LIMIT_FILE_GUEST : LIMIT_FILE;
}

/* All of the body. False: it broke off, and nobody waits for an answer. */
static bool pull(struct upload *upload, struct body_reader *reader,
		 enum upload_status *status)
{
	char *piece = xmalloc(PIECE);
	size_t len;

	while (*status == UPLOAD_OK &&
	       (len = body_reader_next(reader, piece, PIECE)) > 0)
		*status = upload_write(upload, piece, len);
	free(piece);
	return !reader->broken;
}

static void answer_file(struct response *response,
			const struct store_file *file)
{
	char *json = store_file_attachment(file);

	json_text_bytes(response_body(response, 201), NULL, json, strlen(json));
	free(json);
}

/* What the store is told of it, but for its preview. It borrows. */
static struct store_file describe(const struct request *request,
				  const struct upload_facts *facts, char *name,
				  int64_t duration_ms)
{
	struct store_file file = {
		.name = name,
		.mime = (char *)facts->mime,
		.size = facts->size,
		.width = facts->width,
		.height = facts->height,
		.duration_ms =
			file_type_is_played(facts->mime) ? duration_ms : 0,
		.created_at = request->now_ms,
	};

	memcpy(file.owner, request->user.id, ID_SIZE);
	memcpy(file.hash, facts->hash, sizeof(file.hash));
	return file;
}

static void refuse_file(struct response *response, enum store_status status)
{
	if (status == STORE_FULL)
		response_refuse(response, REFUSAL_QUOTA);
	else
		response_store_error(response, status);
}

/* What is refused here has cost neither a write of the disk nor a preview. */
static bool has_room(struct app *app, struct response *response,
		     const struct store_file *file)
{
	enum store_status status = store_file_room(
		app->store, file->owner, file->size, app->options->file_quota);

	if (status != STORE_OK)
		refuse_file(response, status);
	return status == STORE_OK;
}

/* False: the store does not have it, for sure, and its bytes are to go. Were
 * they left there, a quota would not bound the disk. */
static bool keep(struct app *app, struct response *response,
		 struct upload *upload, struct store_file *file)
{
	const struct palabre_options *options = app->options;
	enum upload_status put = upload_keep(upload, file->hash);

	if (put != UPLOAD_OK) {
		refuse_upload(response, put);
		return false;
	}
	file->preview = options->preview && store_file_is_picture(file) &&
			preview_make(options->preview_socket, options->file_dir,
				     file->hash);

	enum store_status status =
		store_file_add(app->store, file, options->file_quota);

	if (status == STORE_OK)
		answer_file(response, file);
	else
		refuse_file(response, status);
	return status == STORE_OK || status == STORE_UNAVAILABLE;
}

static void receive(struct app *app, const struct request *request,
		    struct response *response, char *name, int64_t duration_ms)
{
	enum upload_status status = UPLOAD_OK;
	struct upload_facts facts;
	struct upload *upload = upload_new(app->options->file_dir,
					   upload_max(request), &status);
	bool whole = upload == NULL || pull(upload, request->reader, &status);
	bool left = false;

	if (status == UPLOAD_OK && whole)
		status = upload_look(upload, &facts);
	if (!whole) {
		response_refuse(response, REFUSAL_INCOMPLETE);
	} else if (status != UPLOAD_OK) {
		refuse_upload(response, status);
	} else {
		struct store_file file =
			describe(request, &facts, name, duration_ms);

		left = has_room(app, response, &file) &&
		       !keep(app, response, upload, &file);
	}
	upload_free(upload);
	if (left)
		file_sweep_bytes(facts.hash, app->store,
				 app->options->file_dir);
}

static bool upload_duration(const struct request *request,
			    struct response *response, int64_t *out_ms)
{
	static const struct input_number duration = {"duration", 0, INT64_MAX,
						     0};

	if (!input_query_number(request, response, &duration, out_ms))
		return false;
	return *out_ms <= DURATION_MAX_MS ||
	       input_refuse(response, duration.name, "Four hours at most.");
}

void route_file_upload(struct app *app, const struct request *request,
		       struct response *response)
{
	const char *given = request_query(request, "name");
	int64_t duration_ms;
	char *name;

	if (!upload_duration(request, response, &duration_ms))
		return;
	if (request->reader->length > (int64_t)upload_max(request)) {
		response_refuse(response, REFUSAL_TOO_LARGE);
		return;
	}
	name = file_type_name(given != NULL ? given : "");
	if (name != NULL)
		receive(app, request, response, name, duration_ms);
	else
		input_refuse(response, "name", "A name is UTF-8.");
	free(name);
}

/* ---- GET /api/files/:id?preview=1 ---- */

/* filename*=UTF-8''... (RFC 6266, RFC 8187) */
static char *disposition(const struct store_file *file, bool shown)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz"
				    "0123456789!#$&+-.^_`|~";
	struct buf out;

	buf_init(&out, 4096);
	buf_addf(&out, "%s; filename*=UTF-8''",
		 shown ? "inline" : "attachment");
	percent_add(&out, file->name, plain);
	return buf_take(&out);
}

/* Bytes never change under an id, so they may be kept, by their reader. */
static void send_file(struct app *app, struct response *response,
		      const struct store_file *file, bool preview)
{
	char below[FILE_PLACE_MAX];
	bool shown = preview || file_type_is_shown(file->mime);
	char *named = disposition(file, shown), *redirect;

	file_place_below(file->hash, preview, below);
	redirect = xasprintf("/palabre-files/%s", below);
	response_bytes(
		response, 200,
		preview ? preview_mime(app->options->file_dir, file->hash)
			: file_type_sent(file->mime));
	response_header(response, "X-Accel-Redirect", redirect);
	response_header(response, "Content-Disposition", named);
	response_header(response, "Cache-Control",
			"private, max-age=31536000, immutable");
	free(redirect);
	free(named);
}

void route_file_get(struct app *app, const struct request *request,
		    struct response *response)
{
	const struct store_viewer viewer = store_viewer_of(&request->user);
	const char *id = request_param(request, "id");
	bool preview = request_query(request, "preview") != NULL;
	struct store_file file;
	enum store_status status =
		id_valid(id) ? store_file_get(app->store, &viewer, id, &file)
			     : STORE_NOT_FOUND;

	if (status != STORE_OK) {
		response_store_error(response, status);
		return;
	}
	if (preview && !file.preview)
		response_refuse_as(response, REFUSAL_NOT_FOUND, "preview",
				   "There is no small copy of it.");
	else
		send_file(app, response, &file, preview);
	store_file_done(&file);
}
