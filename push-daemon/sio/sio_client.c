#include <string.h>

#include "eio_query.h"
#include "mem.h"
#include "sio_core.h"
#include "sio_wire.h"

/* The handshake of a connection as texts one after the other: the query list,
 * then these. */
static const size_t handshake_texts[] = {
	offsetof(struct sio_handshake, origin),
	offsetof(struct sio_handshake, host),
	offsetof(struct sio_handshake, address),
	offsetof(struct sio_handshake, user_agent),
	offsetof(struct sio_handshake, request_id),
};

static const char **text_at(struct sio_handshake *handshake, size_t i)
{
	return (const char **)((char *)handshake + handshake_texts[i]);
}

char *sio_client_pack(const struct sio_handshake *given)
{
	struct sio_handshake handshake = *given;
	size_t size = eio_query_size(given->query);

	for (size_t i = 0; i < COUNT_OF(handshake_texts); i++)
		size += strlen(*text_at(&handshake, i)) + 1;

	char *packed = xmalloc(size);
	size_t at = eio_query_size(given->query);

	memcpy(packed, given->query, at);
	for (size_t i = 0; i < COUNT_OF(handshake_texts); i++) {
		const char *text = *text_at(&handshake, i);
		size_t len = strlen(text) + 1;

		memcpy(packed + at, text, len);
		at += len;
	}
	return packed;
}

void sio_client_unpack(const char *packed, struct sio_handshake *out)
{
	const char *at = packed + eio_query_size(packed);

	out->query = packed;
	for (size_t i = 0; i < COUNT_OF(handshake_texts); i++) {
		*text_at(out, i) = at;
		at += strlen(at) + 1;
	}
}

void sio_client_departs(struct sio_client *client)
{
	if (client->departures < SIO_DEPARTURES_MAX)
		client->departures++;
}

void sio_client_send(struct sio_client *client, enum sio_type type,
		     const char *nsp, int64_t id, const char *data, size_t len)
{
	struct eio_message *message =
		sio_wire(type, nsp, id, data, len, NULL, 0);

	eio_send(client->session, message, false);
	eio_message_unref(message);
}
