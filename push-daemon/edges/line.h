/*
 * line - the connection of an old line client: it is heard line by line, and
 * told what it can read (line_outbox.h).
 *
 *     [over TLS: waits for its turn --> shakes hands -->]
 *     accepted --its first line--> named --end, or said so--> leaving --> gone
 *         |                          |                           ^
 *         +-- too long without, or room was needed: -------------+
 */
#ifndef LINE_H
#define LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <uv.h>

#include "eio_ledger.h"
#include "line_outbox.h"
#include "line_parser.h"
#include "line_tls.h"

#define LINE_ADDRESS_SIZE 46

struct line_server;

enum line_state {
	LINE_WAITING, /* over TLS: until it may shake hands */
	LINE_SHAKING,
	LINE_NAMELESS, /* nothing was heard yet */
	LINE_OPEN,
	LINE_LEAVING, /* the last words are on their way */
	LINE_GONE,
};

/* The first member of what an edge keeps of one. */
struct line {
	uv_poll_t poll;
	struct line_server *server;
	int fd;
	struct line_tls_stream *tls; /* NULL: plain, or not begun */
	enum line_state state;
	uint8_t watched; /* UV_READABLE, UV_WRITABLE */
	bool paused;	 /* is not read from */
	bool blocked;	 /* the kernel takes no more */
	bool left_alone; /* nothing is written to it, not even a probe */
	bool deaf;	 /* for good: nobody is at its other side any more */
	bool cut;	 /* and no end of what was said came from there */
	bool overflowed; /* it reads too slowly */
	bool is_dirty, is_busy;
	struct line_parser parser;
	struct line_outbox outbox;
	int64_t silent_at; /* when its silence says something; 0: never */
	int64_t used_at;   /* written to, or in its state since */
	size_t dropped;	   /* bytes nobody wants */
	struct eio_hold place, stranger, half, wait, shake;
	size_t held; /* bytes, by its edge */
	uint64_t address_key;
	TAILQ_ENTRY(line) link;	 /* nameless, or idle: oldest first */
	TAILQ_ENTRY(line) busy;	 /* something is to be done at some time */
	TAILQ_ENTRY(line) dirty; /* something is to be written now */
	char address[LINE_ADDRESS_SIZE];
};

TAILQ_HEAD(line_list, line);

struct line_protocol {
	size_t size; /* of the whole of it; begins as zeros */
	/* A line of its; LINE_TOO_LONG once for one that was. */
	void (*heard)(struct line *line, enum line_kind kind, char *text,
		      size_t len, void *user);
	/* It will say no more; what it is told it may still read. */
	void (*ended)(struct line *line, void *user);
	/* It is gone. reason: a word for the log. */
	void (*lost)(struct line *line, const char *reason, void *user);
	/* Free what it holds; user may be gone by then. */
	void (*done)(struct line *line);
	/* Every few milliseconds, while line_keep_busy() says so: true: again.
	 */
	bool (*tick)(struct line *line, int64_t now_ms, void *user);
};

struct line_server_config {
	size_t connections_max;
	size_t address_max; /* of one address */
	size_t outbox_max;  /* bytes that wait for one */
	/* Bytes of lines whose end has yet to come; as many of files that
	 * wait, either way. */
	size_t halves_max;
	int64_t nameless_ms;
	int64_t probe_ms; /* so long nothing happens until a bare LF goes out */
	struct line_tls *tls; /* for line_server_listen_tls() */
	int64_t tls_rate;     /* handshakes a second */
	int64_t (*mono_ms)(void);
	void (*random)(void *out, size_t len);
};

struct line_stats {
	uint64_t connections;	    /* now */
	uint64_t connections_total; /* since start */
	uint64_t refused;	    /* for want of room */
	uint64_t crowded;	    /* had to make room */
	uint64_t timeouts;	    /* said no name */
	uint64_t strange_shakes;    /* what came was no TLS of ours */
	uint64_t overflows;	    /* read too slowly */
	uint64_t bytes_in, bytes_out;
	uint64_t waiting; /* bytes, now, in the outboxes of all */
};

/* Whole lines, to be written as it reads them. One that reads too slowly is
 * lost, in a moment. */
void line_write(struct line *line, const char *lines, size_t len);
/* One that may be longer than what else may wait. */
void line_write_file(struct line *line, const char *text, size_t len);
/* So many bytes that it has sent are yet to be used, where they are many. Where
 * all of these and the files that wait are too many, the oldest of the fullest
 * address is lost, in a moment. */
void line_hold(struct line *line, size_t bytes);
/* Of a client that ends no lines: it has sent something and reads once. */
void line_answer(struct line *line);
/* After what waits. Nothing is heard of it any more, not even lost(). */
void line_leave(struct line *line);
/* Nothing is written to it, until something is heard of it. */
void line_leave_alone(struct line *line);
void line_pause(struct line *line, bool pause);
/* What it has said counts for nothing: it is as if it had given no name yet. */
void line_estrange(struct line *line);
/* protocol->tick() is to be called. */
void line_keep_busy(struct line *line);
/* What is written to it may be read. */
static inline bool line_listens(const struct line *line)
{
	return !line->left_alone && !line->deaf;
}
/* The peer's kernel has taken that much of outbox.added. */
uint64_t line_arrived(const struct line *line);

#endif
