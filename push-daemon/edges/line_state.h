/*
 * line_state - what the files of the line server know of it and of each other:
 *
 *     line.c            which lists a line is in, and how it ends
 *     line_output.c     what is written to it
 *     line_input.c      what is read from it
 *     line_admission.c  how it comes, and who makes room for it
 *     line_shake.c      how it comes over TLS
 *     line_server.c     the server, and what is due at some time
 */
#ifndef LINE_STATE_H
#define LINE_STATE_H

#include <stddef.h>
#include <sys/socket.h>

#include "bucket.h"
#include "line.h"

#define LINE_TICK_MS 10
#define LINE_REST_MS 200 /* while nothing is to be done */

struct sio_listener;

struct line_server {
	uv_loop_t *loop;
	struct line_server_config config;
	const struct line_protocol *protocol;
	void *user;
	struct sio_listener *listener, *tls_listener; /* NULL: not listening */
	uv_timer_t timer;
	uv_prepare_t flush;
	struct eio_ledger all, strangers, halves, waits,
		shakes;	     /* by address */
	struct bucket turns; /* to shake hands */
	struct line_list waiting, shaking, nameless, idle, leaving, busy, dirty;
	size_t busy_count;
	bool closed;
	struct line_stats stats;
};

/* What is held of one of them, and whose it is. */
#define LINE_OF(hold, member)                                                  \
	((struct line *)((char *)(hold) - offsetof(struct line, member)))

/* ---- line ---- */

int64_t line_now(const struct line_server *server);
void line_enter(struct line *line, enum line_state state);
void line_change(struct line *line, enum line_state state);
/* To the end of those that nothing was written to for long. */
void line_used(struct line *line);
/* Something is to be written to it, at the end of this turn of the loop. */
void line_dirty(struct line *line);
void line_calm(struct line *line); /* undoes line_keep_busy() */
/* It goes at once; its edge is not told. */
void line_destroy(struct line *line);
/* The same, and it is. */
void line_lose(struct line *line, const char *reason);

/* ---- line_output ---- */

/* What waits, as far as it takes it. */
void line_flush(struct line *line);
/* Its other side is gone, by that errno: nothing is written to it any more;
 * what was said there before is still read, and done. It is lost where it is
 * past that. */
void line_deafen(struct line *line, int error);
void line_on_prepare(uv_prepare_t *handle);

/* ---- line_input ---- */

/* Its parser has one. */
void line_on_line(enum line_kind kind, char *text, size_t len, void *context);
/* What its parser holds of a line without an end counts. */
void line_count_half(struct line *line);
/* For what it is to be read from or written to. */
void line_watch(struct line *line);

/* ---- line_admission ---- */

/* NULL: there is no room, and fd is closed. It is in no list yet. */
struct line *line_admit(struct line_server *server, int fd,
			const struct sockaddr_storage *peer);
void line_on_accepted(int fd, const struct sockaddr_storage *peer, void *user);

/* ---- line_shake ---- */

void line_on_accepted_tls(int fd, const struct sockaddr_storage *peer,
			  void *user);
/* It has said something. */
void line_shake(struct line *line);
/* Those whose turn it is now. */
void line_shake_waiting(struct line_server *server);

/* ---- line_server ---- */

void line_on_timer(uv_timer_t *timer);

#endif
