/* The body of an rt call, and what its payloads say: whatever comes, nothing
 * but checked values comes out. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "message_input.h"
#include "rt_call.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(const struct rt_command *command)
{
	struct send_input send;
	struct mark_input marks;
	struct input_error error;

	assert(command->name != NULL);
	if (message_input_send(command->payload, "to", &send, &error))
		assert((send.to == NULL) != (send.conversation == NULL));
	if (message_input_mark(command->payload, &marks, &error))
		assert((marks.message == NULL) != (marks.conversation == NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rt_call call;

	if (!rt_call_read(&call, data, size))
		return 0;
	assert(call.count >= 1 && call.count <= LIMIT_BATCH);
	for (size_t i = 0; i < call.count; i++)
		use(&call.commands[i]);
	rt_call_done(&call);
	return 0;
}
