/* What a client says about messages: what is accepted keeps every limit. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "ids.h"
#include "json.h"
#include "message_input.h"
#include "palabre_limits.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *content)
{
	size_t points = text_length(content);

	assert(text_valid(content, strlen(content)));
	assert(points >= 1 && points <= LIMIT_CONTENT);
	(void)points;
}

static void check_send(const struct send_input *input)
{
	check_text(input->content);
	assert(input->to == NULL || id_valid(input->to));
	assert(input->conversation == NULL || id_valid(input->conversation));
	assert(input->reply_to == NULL || id_valid(input->reply_to));
	assert(input->client_id == NULL ||
	       strlen(input->client_id) <= LIMIT_CLIENT_ID);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_object *body;
	struct send_input send;
	struct mark_input marks;
	struct input_error error = {0};
	struct edit_input edit;

	if (json_parse((const char *)data, size, JSON_OURS(LIMIT_JSON_DEPTH),
		       &body) != JSON_OK)
		return 0;
	if (message_input_send(body, "recipient_id", &send, &error))
		check_send(&send);
	else
		assert(error.field != NULL && error.message != NULL);
	if (message_input_mark(body, &marks, &error))
		assert(marks.seq >= 0);
	if (message_input_edit(body, &edit, &error) && edit.content != NULL)
		check_text(edit.content);
	json_free(body);
	return 0;
}
