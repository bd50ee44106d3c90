#include "sio_message.h"

#include <assert.h>
#include <string.h>

#include "buf.h"
#include "json.h"
#include "mem.h"
#include "sio_wire.h"

/* What another namespace than "/" needs. */
struct variant {
	struct variant *next;
	struct eio_message *wire;
	char nsp[];
};

/* The JSON and the attachments live in the wire of "/" alone; other variants
 * are made from that. */
struct sio_message {
	uint32_t refs;
	uint32_t head_len; /* of the packet of "/" */
	size_t count;	   /* attachments */
	struct eio_message *main;
	struct variant *variants;
};

/* Of each message but a few the head is short and there are no attachments. */
struct eio_message *sio_wire(enum sio_type type, const char *nsp, int64_t id,
			     const char *data, size_t len,
			     const struct sio_bytes *attachments, size_t count)
{
	struct eio_part one, *parts = &one;
	char small[2 * SIO_HEAD_SIZE], *head = small;
	size_t head_size = SIO_HEAD_SIZE + strlen(nsp) + 1;

	if (count > 0)
		parts = xcalloc(count + 1, sizeof(*parts));
	if (head_size > sizeof(small))
		head = xmalloc(head_size);
	head[0] = '4'; /* Engine.IO's "message" */
	size_t head_len = 1 + sio_packet_head(head + 1, type, count, nsp, id);
	parts[0] = (struct eio_part){head, head_len, data, len, false};
	for (size_t i = 0; i < count; i++)
		parts[i + 1] = (struct eio_part){NULL, 0, attachments[i].data,
						 attachments[i].len, true};
	struct eio_message *message = eio_message_new(parts, count + 1);

	if (head != small)
		free(head);
	if (parts != &one)
		free(parts);
	return message;
}

struct sio_message *sio_message_new_binary(const char *json, size_t len,
					   const struct sio_bytes *attachments,
					   size_t count)
{
	struct sio_message *message = xcalloc(1, sizeof(*message));
	enum sio_type type = count > 0 ? SIO_BINARY_EVENT : SIO_EVENT;
	char head[SIO_HEAD_SIZE];

	message->refs = 1;
	message->count = count;
	message->head_len =
		(uint32_t)sio_packet_head(head, type, count, "/", -1);
	message->main = sio_wire(type, "/", -1, json, len, attachments, count);
	return message;
}

struct sio_message *sio_message_new(const char *json, size_t len)
{
	return sio_message_new_binary(json, len, NULL, 0);
}

void sio_wire_quote(struct buf *out, const char *text)
{
	struct json_object *string = json_new_string(text);
	size_t len;
	const char *quoted = json_print(string, &len);

	buf_add(out, quoted, len);
	json_free(string);
}

struct sio_message *
sio_message_event_binary(const char *name, const char *args, size_t len,
			 const struct sio_bytes *attachments, size_t count)
{
	struct buf json;

	buf_init(&json, UINT32_MAX);
	buf_adds(&json, "[");
	sio_wire_quote(&json, name);
	if (len > 0) {
		buf_adds(&json, ",");
		buf_add(&json, args, len);
	}
	buf_adds(&json, "]");
	struct sio_message *message =
		sio_message_new_binary(json.data, json.len, attachments, count);

	buf_done(&json);
	return message;
}

struct sio_message *sio_message_event(const char *name, const char *args,
				      size_t len)
{
	return sio_message_event_binary(name, args, len, NULL, 0);
}

struct sio_message *sio_message_ref(struct sio_message *message)
{
	message->refs++;
	return message;
}

void sio_message_unref(struct sio_message *message)
{
	struct variant *variant;

	if (message == NULL || --message->refs > 0)
		return;
	while ((variant = message->variants) != NULL) {
		message->variants = variant->next;
		eio_message_unref(variant->wire);
		free(variant);
	}
	eio_message_unref(message->main);
	free(message);
}

const char *sio_message_json(const struct sio_message *message, size_t *len)
{
	struct eio_packet text;
	size_t offset = 0;

	eio_message_next(message->main, &offset, &text);
	*len = text.len - message->head_len;
	return text.data + message->head_len;
}

size_t sio_message_size(const struct sio_message *message)
{
	return message->main->len;
}

static struct eio_message *encode_for(const struct sio_message *message,
				      const char *nsp)
{
	struct sio_bytes *attachments =
		xcalloc(message->count + 1, sizeof(*attachments));
	struct eio_packet text, binary;
	size_t offset = 0, i = 0, len;
	const char *json = sio_message_json(message, &len);

	eio_message_next(message->main, &offset, &text);
	while (eio_message_next(message->main, &offset, &binary))
		attachments[i++] = (struct sio_bytes){
			(const uint8_t *)binary.data, binary.len};
	assert(i == message->count);
	struct eio_message *wire =
		sio_wire(message->count > 0 ? SIO_BINARY_EVENT : SIO_EVENT, nsp,
			 -1, json, len, attachments, message->count);

	free(attachments);
	return wire;
}

struct eio_message *sio_message_wire(struct sio_message *message,
				     const char *nsp)
{
	struct variant *variant = message->variants;

	if (nsp[1] == '\0')
		return message->main;
	while (variant != NULL && strcmp(variant->nsp, nsp) != 0)
		variant = variant->next;
	if (variant != NULL)
		return variant->wire;

	size_t len = strlen(nsp);
	variant = xmalloc(sizeof(*variant) + len + 1);
	memcpy(variant->nsp, nsp, len + 1);
	variant->wire = encode_for(message, nsp);
	variant->next = message->variants;
	message->variants = variant;
	return variant->wire;
}
