#include "rt_route.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "app.h"
#include "body_reader.h"
#include "json.h"
#include "json_text.h"
#include "log.h"
#include "mem.h"
#include "metrics.h"
#include "notify_client.h"
#include "notify_frame.h"
#include "palabre_limits.h"
#include "refusals.h"
#include "request.h"
#include "response.h"
#include "rt_call.h"
#include "rt_commands.h"

static void rt_work_init(struct rt_work *work, const struct rt_command *command,
			 const struct request *request)
{
	*work = (struct rt_work){
		.command = command,
		.verb = rt_commands_find(command->name),
		.request_id = request->id,
		.now_ms = request->now_ms,
	};
	json_flat_string(&command->head, "requestId", &work->request_id);
	buf_init(&work->frames, LIMIT_RT_ANSWER);
	if (work->verb == NULL)
		work->code = "invalid";
}

static void rt_work_done(struct rt_work *work)
{
	store_user_done(&work->user);
	store_sent_done(&work->sent);
	buf_done(&work->frames);
	json_free(work->head);
}

static bool rt_work_is_lost(const struct rt_work *work)
{
	return work->code != NULL &&
	       strcmp(work->code, rt_commands_code(STORE_UNAVAILABLE)) == 0;
}

static void rt_work_lose(struct rt_work *work)
{
	work->code = rt_commands_code(STORE_UNAVAILABLE);
	work->field = work->message = NULL;
	work->retry_s = 0;
}

/* Either the commands that write or those that do not. False: the store is
 * not available, which the rest need not find out one by one. */
static bool rt_run_some(struct app *app, struct rt_work *works, size_t count,
			bool writes)
{
	for (size_t i = 0; i < count; i++) {
		const struct rt_verb *verb = works[i].verb;

		if (verb == NULL || verb->writes != writes)
			continue;
		if (works[i].command->garbled)
			works[i].code = refusal_row(REFUSAL_INVALID_JSON)->code;
		else
			verb->run(app, &works[i]);
		if (rt_work_is_lost(&works[i]))
			return false;
	}
	return true;
}

static bool any_writes(const struct rt_work *works, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (works[i].verb != NULL && works[i].verb->writes)
			return true;
	}
	return false;
}

static bool rt_write_all(struct app *app, struct rt_work *works, size_t count)
{
	if (store_batch_begin(app->store) != STORE_OK)
		return false;
	if (rt_run_some(app, works, count, true))
		return store_batch_commit(app->store) == STORE_OK;
	store_batch_rollback(app->store);
	return false;
}

/* What only reads goes first: nobody else's write waits for it. False: the
 * store is not available, and the works that needed it say so. */
static bool rt_run_all(struct app *app, struct rt_work *works, size_t count)
{
	bool reads = rt_run_some(app, works, count, false);
	bool good = reads && (!any_writes(works, count) ||
			      rt_write_all(app, works, count));

	for (size_t i = 0; !good && i < count; i++) {
		const struct rt_verb *verb = works[i].verb;

		if (verb != NULL && (verb->writes || !reads))
			rt_work_lose(&works[i]);
	}
	return good;
}

static void put_details(struct json_object *error, const struct rt_work *work)
{
	if (work->field != NULL)
		json_put_string(error, "field", work->field);
	if (work->retry_s > 0)
		json_put_int(error, "retryAfter", work->retry_s);
}

/* {"ok":false,"error":{...}}, as a client gets it. */
static struct json_object *failed_ack(const struct rt_work *work)
{
	struct json_object *ack = json_new_object();
	struct json_object *error = json_new_object();

	json_put_string(error, "code", work->code);
	json_put_string(error, "message",
			work->message != NULL ? work->message
					      : refusal_words(work->code));
	put_details(error, work);
	json_put_bool(ack, "ok", false);
	json_put(ack, "error", error);
	return ack;
}

static void rt_answer_failed(const struct rt_work *work, struct buf *out)
{
	struct json_object *head = json_new_object();
	bool acks = work->verb != NULL && work->verb->acks;

	json_put_bool(head, "ok", false);
	json_put_string(head, "code", work->code);
	if (!acks && work->message != NULL)
		json_put_string(head, "message", work->message);
	if (!acks)
		put_details(head, work);
	rt_result_add(out, head, acks ? failed_ack(work) : NULL);
}

/* The pushd that asked has ended. The next one may have sockets that synced
 * before the commit, and looks for nothing that was begun before its start. */
static bool is_unheard(const struct request *request)
{
	char byte;

	ssize_t got = recv(request->peer, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	return got == 0 || (got < 0 && errno == ECONNRESET);
}

static void write_head(struct rt_work *work, struct buf *out)
{
	size_t len;
	const char *text;

	if (work->head == NULL) {
		buf_adds(out, "{\"ok\":true}");
		return;
	}
	text = json_print(work->head, &len);
	buf_add(out, text, len);
}

static void write_ack(struct app *app, struct rt_work *work, struct buf *out)
{
	struct json_text ack;

	buf_adds(out, "\n");
	ack.buf = *out;
	json_text_start(&ack, '{');
	json_text_bool(&ack, "ok", true);
	if (work->verb->acknowledge != NULL)
		work->verb->acknowledge(app, work, &ack);
	json_text_close(&ack, '}');
	*out = ack.buf;
}

static void rt_answer_good(struct app *app, struct rt_work *work,
			   struct buf *out)
{
	size_t begun = notify_frame_begin(out, NOTIFY_RESULT);

	write_head(work, out);
	if (work->verb->acks)
		write_ack(app, work, out);
	if (!notify_frame_end(out, begun) && !out->overflow)
		rt_result_too_large(out);
}

static void rt_answer(struct app *app, struct rt_work *work, bool unheard,
		      struct buf *out)
{
	size_t before = out->len;

	if (work->code != NULL) {
		rt_answer_failed(work, out);
		return;
	}
	buf_add(out, work->frames.data, work->frames.len);
	if (work->verb->announce != NULL)
		work->verb->announce(app, work, out);
	if (unheard && work->verb->writes)
		buf_add(notify_out(app->notify), out->data + before,
			out->len - before);
	rt_answer_good(app, work, out);
}

/* Never its payload: a token or a message's content. */
static void log_command(const struct rt_work *work)
{
	const char *user = NULL, *request = NULL;
	const struct json_flat *head = &work->command->head;

	json_flat_string(head, "userId", &user);
	json_flat_string(head, "requestId", &request);
	const struct log_field fields[] = {
		LOG_TEXT("requestId", request),
		LOG_TEXT("command",
			 work->verb != NULL ? work->verb->name : NULL),
		LOG_TEXT("userId", user),
		LOG_TEXT("code", work->code),
	};

	log_event(work->code == NULL ? LOG_DEBUG : LOG_INFO, "command", fields,
		  COUNT_OF(fields));
}

static void rt_answer_all(struct app *app, const struct request *request,
			  const struct rt_call *call, struct response *response)
{
	struct rt_work *works = xcalloc(call->count, sizeof(*works));
	struct buf *out =
		response_bytes(response, 200, "application/octet-stream");

	for (size_t i = 0; i < call->count; i++)
		rt_work_init(&works[i], &call->commands[i], request);
	bool good = rt_run_all(app, works, call->count);
	bool unheard = is_unheard(request);

	for (size_t i = 0; i < call->count; i++) {
		rt_answer(app, &works[i], unheard, out);
		log_command(&works[i]);
		metrics_count_refusal(app->metrics, works[i].code);
		rt_work_done(&works[i]);
	}
	free(works);
	if (out->overflow || out->len > LIMIT_RT_ANSWER)
		response_refuse_as(response, REFUSAL_INTERNAL, NULL,
				   "The answer does not fit.");
	if (!good)
		response_store_failed(response);
}

static void route_rt(struct app *app, const struct request *request,
		     struct response *response)
{
	struct rt_call call;
	size_t len = 0;
	char *frames = request->reader != NULL
			       ? body_reader_rest(request->reader, &len)
			       : NULL;

	if (rt_call_read(&call, frames, len)) {
		rt_answer_all(app, request, &call, response);
		rt_call_done(&call);
	} else {
		response_refuse_as(response, REFUSAL_INVALID, NULL,
				   "A call is 1 to 64 COMMAND frames.");
	}
	free(frames);
}

const struct route rt_route_table[] = {
	{"POST", "/rt", POOL_RT, ROUTE_PUBLIC, ROUTE_STREAM(LIMIT_RT_BODY),
	 route_rt},
	{.method = NULL},
};
