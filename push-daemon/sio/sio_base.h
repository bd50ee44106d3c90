/*
 * sio_base - what every layer of libsio knows: how it is set up, what it
 * counts, who connects and why they go.
 */
#ifndef SIO_BASE_H
#define SIO_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eio_session;

/* Zero or NULL means the default that follows each field. */
struct sio_config {
	const char *path;	     /* "/socket.io/" */
	uint32_t ping_interval_ms;   /* 25000 */
	uint32_t ping_timeout_ms;    /* 20000 */
	uint32_t connect_timeout_ms; /* 10000: from open to CONNECT */
	uint32_t upgrade_timeout_ms; /* 10000: from probe to upgrade */
	uint32_t max_payload;	     /* 1000000 bytes of one frame or POST */
	uint32_t max_attachments;    /* 32 of one event */
	uint32_t max_packet;	     /* 4 payloads: one event with these */
	/* Who has not been accepted to any namespace is a stranger, and may
	 * send less. When there are too many the oldest of the address that has
	 * most is sent away; an address of IPv6 is its network of 64 bits. */
	uint32_t stranger_payload; /* 8192 bytes of one message or POST */
	uint32_t max_strangers;	   /* four fifths of max_connections */
	uint32_t max_strangers_per_address; /* half of max_strangers */
	/* What is half here: frames, bodies, packets whose attachments are on
	 * their way. */
	uint32_t max_unfinished;    /* 67108864 bytes, of all together */
	uint32_t packet_timeout_ms; /* 20000: from first byte to last */
	uint32_t max_values;	    /* 50000 JSON values of one event */
	uint32_t outbox_max;	    /* 262144 bytes waiting per connection */
	uint32_t max_connections;   /* 100000; past it 503 */
	uint32_t max_acks;	    /* 1024 awaited per socket */
	const char *sid_prefix; /* "": up to 4 of A-Za-z0-9, names the node */
	bool trust_proxy;	/* the address is X-Real-IP's */
	/* May a page of that origin connect? Not asked when the browser sent
	 * no Origin. NULL: only where origin's host is the Host header. */
	bool (*allow_origin)(const char *origin, const char *host, void *user);
	/* A clock in milliseconds that never jumps (clock_mono_ms), and a
	 * source of random bytes (crypt_random): both wanted. */
	int64_t (*now_ms)(void);
	void (*random)(void *out, size_t len);
	void *user; /* for allow_origin */
};

enum sio_reason {
	SIO_CLIENT_DISCONNECT, /* the client left the namespace */
	SIO_SERVER_DISCONNECT, /* sio_disconnect() or sio_close() */
	SIO_TRANSPORT_CLOSE,   /* the connection ended */
	SIO_TRANSPORT_ERROR,   /* ... by a fault of the transport */
	SIO_PING_TIMEOUT,      /* no pong in time */
	SIO_PROTOCOL_ERROR,    /* the client broke the protocol */
	SIO_TOO_LARGE,	       /* a packet above max_payload */
	SIO_UNFINISHED,	       /* a packet's rest came too late, or too many
				* were half here */
	SIO_CROWDED,	       /* a stranger who had to make room */
	SIO_OVERFLOW,	       /* reads too slowly: outbox_max; resume */
	SIO_SHUTDOWN,	       /* sio_server_close() */
};

/* A word for the log. */
const char *sio_reason_name(enum sio_reason reason);

/* The request that opened the connection, and CONNECT's payload. Borrowed
 * while connect() or open() runs. Absent headers are "". */
struct sio_handshake {
	const char *auth; /* JSON object, "{}" if none; NUL-terminated */
	size_t auth_len;
	const char *query; /* decoded "name=value" texts, see sio_query() */
	const char *origin, *host, *address, *user_agent, *request_id;
	const char *transport; /* "polling" or "websocket", now */
};

/* Plain Engine.IO on a path of its own, without Socket.IO on top. */
struct sio_engine_handlers {
	void (*open)(struct eio_session *session,
		     const struct sio_handshake *handshake, void *user);
	void (*message)(struct eio_session *session, const void *data,
			size_t len, bool binary, void *user);
	void (*close)(struct eio_session *session, enum sio_reason reason,
		      void *user);
};

struct sio_stats {
	uint64_t connections;	    /* now */
	uint64_t connections_total; /* since start */
	uint64_t websockets;	    /* now, of connections */
	uint64_t upgrades;	    /* polling to websocket, completed */
	uint64_t bytes_in, bytes_out;
	uint64_t messages_in;
	uint64_t deliveries; /* messages queued for one connection each */
	uint64_t writes;     /* calls that handed bytes to the kernel */
	uint64_t waiting;    /* bytes, now, in the outboxes of all */
	uint64_t dropped;    /* droppable messages that were */
	uint64_t overflows;  /* connections closed as too slow */
	uint64_t timeouts;   /* ... as silent */
	uint64_t crowded;    /* strangers who had to make room */
	uint64_t refused;    /* requests answered with an error */
};

#endif
