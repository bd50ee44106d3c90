#include "rt_call.h"

#include "buf.h"
#include "json.h"
#include "notify_frame.h"
#include "refusals.h"

/* What a client may say. */
static const struct json_bounds said = {LIMIT_JSON_DEPTH, LIMIT_JSON_VALUES};

void rt_call_done(struct rt_call *call)
{
	for (size_t i = 0; i < call->count; i++) {
		json_flat_done(&call->commands[i].head);
		json_free(call->commands[i].payload);
	}
	call->count = 0;
}

/* The head is pushd's: it is right, or pushd is not what we think. The payload
 * is a client's: the command that has a bad one fails alone. */
static bool read_command(struct rt_call *call, const struct notify_frame *frame)
{
	struct notify_parts parts;
	struct rt_command *command = &call->commands[call->count];

	if (frame->kind != NOTIFY_COMMAND || call->count == LIMIT_BATCH)
		return false;
	notify_frame_split(frame, &parts);
	if (!json_flat_read(&command->head, parts.head, parts.head_len) ||
	    json_flat_string(&command->head, "command", &command->name) !=
		    JSON_FOUND) {
		json_flat_done(&command->head);
		return false;
	}
	command->payload = NULL;
	command->garbled = parts.payload != NULL &&
			   json_parse(parts.payload, parts.payload_len, said,
				      &command->payload) != JSON_OK;
	call->count++;
	return true;
}

bool rt_call_read(struct rt_call *call, const void *body, size_t len)
{
	struct notify_decoder *decoder = notify_decoder_new();
	struct notify_frame frame;
	bool good = true;

	call->count = 0;
	notify_decoder_feed(decoder, body, len);
	while (good && notify_decoder_next(decoder, &frame) == NOTIFY_FRAME)
		good = read_command(call, &frame);
	good = good && notify_decoder_empty(decoder) && call->count > 0;
	notify_decoder_free(decoder);
	if (!good)
		rt_call_done(call);
	return good;
}

static bool append_result(struct buf *out, struct json_object *head,
			  struct json_object *payload)
{
	struct notify_parts parts = {0};

	parts.head = json_print(head, &parts.head_len);
	if (payload != NULL)
		parts.payload = json_print(payload, &parts.payload_len);
	return notify_frame_add(out, NOTIFY_RESULT, &parts);
}

void rt_result_add(struct buf *out, struct json_object *head,
		   struct json_object *payload)
{
	if (!append_result(out, head, payload))
		rt_result_too_large(out);
	json_free(head);
	json_free(payload);
}

void rt_result_too_large(struct buf *out)
{
	struct json_object *head = json_new_object();

	json_put_bool(head, "ok", false);
	json_put_string(head, "code", refusal_row(REFUSAL_TOO_LARGE)->code);
	if (!append_result(out, head, NULL))
		out->overflow = true;
	json_free(head);
}
