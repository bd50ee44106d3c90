/* What a client sends: an event's name, a line feed, its arguments. The
 * workers of this hub accept everybody, and can do nothing else. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz_hub.h"
#include "mem.h"

#define NAME_MAX_BYTES 100

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void call(const struct api_command *command, const char *key, void *user)
{
	bool asked = strstr(command->head, "\"session\"") != NULL;

	(void)key;
	(void)user;
	fuzz_hub_answer(command, fuzz_hub_session,
			asked ? strlen(fuzz_hub_session) : 0, NULL);
}

static void feed(struct hub *hub, const char *name, const char *args,
		 size_t len)
{
	struct hub_event event = {name, args, len, 1};
	struct fuzz_client client = {.refused = false};

	fuzz_hub_come(hub, &client);
	if (client.refused)
		abort();
	hub_client_event(hub, &client.client, &event);
	event.ack = -1;
	hub_client_event(hub, &client.client, &event);
	hub_client_gone(hub, &client.client, "transport_close");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *feed_at = size > 0 ? memchr(data, '\n', size) : NULL;

	if (feed_at == NULL || feed_at - data > NAME_MAX_BYTES)
		return 0;

	size_t name_len = (size_t)(feed_at - data);
	char *name = xstrndup((const char *)data, name_len);
	struct hub *hub = fuzz_hub_new(call);

	feed(hub, name, (const char *)feed_at + 1, size - name_len - 1);
	hub_free(hub);
	free(name);
	return 0;
}
