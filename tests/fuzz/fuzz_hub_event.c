/* What a client sends: an event's name, a line feed, its arguments. The
 * workers of this hub accept everybody, and can do nothing else. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "fuzz_hub.h"
#include "json.h"
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

/* What libsio lets through. */
static bool is_json(const char *args, size_t len)
{
	struct buf text;
	bool good;

	buf_init(&text, len + 2);
	buf_add(&text, "[", 1);
	buf_add(&text, args, len);
	buf_add(&text, "]", 1);
	good = json_check(text.data, text.len,
			  (struct json_bounds){65, SIZE_MAX}) == JSON_OK;
	buf_done(&text);
	return good;
}

static void feed(struct hub *hub, const char *name, const char *args,
		 size_t len)
{
	struct hub_event event = {name, args, len, 1};
	struct fuzz_client client = {.refused = false};

	fuzz_hub_come(hub, &client);
	if (client.refused)
		abort();
	for (; event.ack >= -1; event.ack -= 2) {
		if (hub_client_admit(hub, &client.client, len, event.ack))
			hub_client_event(hub, &client.client, &event);
	}
	hub_client_gone(hub, &client.client, "transport_close");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *feed_at = size > 0 ? memchr(data, '\n', size) : NULL;

	if (feed_at == NULL || feed_at - data > NAME_MAX_BYTES)
		return 0;

	size_t name_len = (size_t)(feed_at - data);

	if (!is_json((const char *)feed_at + 1, size - name_len - 1))
		return 0;

	char *name = xstrndup((const char *)data, name_len);
	struct hub *hub = fuzz_hub_new(call);

	feed(hub, name, (const char *)feed_at + 1, size - name_len - 1);
	hub_free(hub);
	free(name);
	return 0;
}
