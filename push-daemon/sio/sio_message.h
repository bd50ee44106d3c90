/*
 * sio_message - an event encoded once, to be sent to any number of sockets.
 *
 * Reference counted; new gives one reference. json is a JSON array whose first
 * element is the event's name: `["message:new",{...}]`. It is the caller's duty
 * that it is valid (shared/json.h writes it) - it goes out byte for byte.
 */
#ifndef SIO_MESSAGE_H
#define SIO_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

struct sio_bytes {
	const uint8_t *data;
	size_t len;
};

struct sio_message;

struct sio_message *sio_message_new(const char *json, size_t len);

/* The json holds {"_placeholder":true,"num":k} for attachment k. */
struct sio_message *sio_message_new_binary(const char *json, size_t len,
					   const struct sio_bytes *attachments,
					   size_t count);

/* `["name",args]`: name is escaped, args are JSON without brackets or "". */
struct sio_message *sio_message_event(const char *name, const char *args,
				      size_t len);
struct sio_message *
sio_message_event_binary(const char *name, const char *args, size_t len,
			 const struct sio_bytes *attachments, size_t count);

struct sio_message *sio_message_ref(struct sio_message *message);
void sio_message_unref(struct sio_message *message); /* NULL: no-op */

/* The JSON it was made of, `["name",...]`, for who speaks no Socket.IO;
 * borrowed, not NUL-terminated. Attachments are not in it. */
const char *sio_message_json(const struct sio_message *message, size_t *len);

/* Bytes it takes on the wire of a WebSocket, about. */
size_t sio_message_size(const struct sio_message *message);

#endif
