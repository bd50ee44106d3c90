/*
 * sio_packet - the packets of socket.io-protocol revision 5, and a parser that
 * puts binary ones together.
 *
 *     <type>[<attachments>-][<namespace>,][<ack id>][<JSON>]
 *
 *     0 CONNECT        {..} or nothing      4 CONNECT_ERROR  server to client
 *     1 DISCONNECT     nothing              5 BINARY_EVENT   as 2, n binary
 *     2 EVENT          ["name",...]         6 BINARY_ACK     frames follow
 *     3 ACK            [...], needs an id
 *
 * A placeholder {"_placeholder":true,"num":k} stands for attachment k.
 * Pure codec. https://socket.io/docs/v4/socket-io-protocol/
 */
#ifndef SIO_PACKET_H
#define SIO_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sio_message.h"

#define SIO_JSON_DEPTH 64
#define SIO_ACK_MAX ((int64_t)1 << 53) /* what a JavaScript number holds */

enum sio_type {
	SIO_CONNECT = 0,
	SIO_DISCONNECT = 1,
	SIO_EVENT = 2,
	SIO_ACK = 3,
	SIO_CONNECT_ERROR = 4,
	SIO_BINARY_EVENT = 5,
	SIO_BINARY_ACK = 6,
};

enum sio_packet_status {
	SIO_PACKET_OK,
	SIO_PACKET_UNKNOWN_TYPE,
	SIO_PACKET_BAD_ATTACHMENTS, /* no number, none, too many, no "-" */
	SIO_PACKET_BAD_ID,	    /* missing, not allowed or above 2^53 */
	SIO_PACKET_BAD_PAYLOAD,	    /* not JSON, or not what the type wants */
	SIO_PACKET_TOO_MANY,	    /* JSON values */
	SIO_PACKET_BAD_PLACEHOLDER, /* names no attachment */
	SIO_PACKET_TOO_LARGE,	    /* attachments beyond max_bytes */
	SIO_PACKET_OUT_OF_ORDER,    /* a binary frame too many or missing */
	SIO_PACKET_UNWANTED,	    /* the gate says so */
};

/* Texts are borrowed from the input, not NUL-terminated but name. */
struct sio_packet {
	enum sio_type type;
	const char *nsp; /* "/" when absent */
	size_t nsp_len;
	int64_t id; /* -1: none */
	const char *data;
	size_t data_len; /* 0: none */
	char *name;	 /* owned; of an event, decoded */
	size_t name_len;
	const char *args; /* without brackets; an event's without its name */
	size_t args_len;
	size_t attachments_len;
	const struct sio_bytes *attachments; /* once they are here */
};

struct sio_limits {
	size_t max_attachments;
	size_t max_bytes;  /* of one packet with its attachments */
	size_t max_values; /* of its JSON */
};

/* Reads all up to the JSON, which data is, unseen. */
enum sio_packet_status sio_packet_read_head(const char *text, size_t len,
					    const struct sio_limits *limits,
					    struct sio_packet *out);
/* ... and then the JSON, of which no tree is made but where placeholders have
 * to be looked for. sio_packet_done() in any case. */
enum sio_packet_status sio_packet_read_json(const struct sio_limits *limits,
					    struct sio_packet *packet);
/* Both: all but the attachments. */
enum sio_packet_status sio_packet_read(const char *text, size_t len,
				       const struct sio_limits *limits,
				       struct sio_packet *out);
void sio_packet_done(struct sio_packet *packet);

/* "2", "51-/admin,", "3/admin,12" ... into out, without a NUL; answers the
 * length. out has room for SIO_HEAD_SIZE and nsp. */
#define SIO_HEAD_SIZE 48
size_t sio_packet_head(char *out, enum sio_type type, size_t attachments,
		       const char *nsp, int64_t id);

/* The reassembly of one connection. Zeroed: nothing pending; takes no memory
 * until a binary packet has begun. */
struct sio_parser {
	struct sio_pending *pending;
};

/* Asked for each text and each attachment before its bytes are looked at. */
enum sio_gate {
	SIO_GATE_TAKE,
	SIO_GATE_SKIP,	 /* pass over it, attachments and all */
	SIO_GATE_REFUSE, /* nobody in that state may send it */
};
struct sio_feed {
	const struct sio_limits *limits;
	enum sio_gate (*gate)(const struct sio_packet *head, size_t bytes,
			      void *user);
	void *user;
};

/*
 * Feed one message. OK with *ready: out is a whole packet, valid until
 * sio_packet_done(out) or the next call; OK without: it was passed over, or
 * attachments are awaited; out is empty. Anything else is final: end the
 * connection.
 */
enum sio_packet_status sio_parser_text(struct sio_parser *parser,
				       const struct sio_feed *feed,
				       const char *text, size_t len,
				       struct sio_packet *out, bool *ready);
enum sio_packet_status sio_parser_binary(struct sio_parser *parser,
					 const struct sio_feed *feed,
					 const void *data, size_t len,
					 struct sio_packet *out, bool *ready);
/* Bytes that wait for the rest of their packet. */
size_t sio_parser_waiting(const struct sio_parser *parser);
void sio_parser_done(struct sio_parser *parser);

#endif
