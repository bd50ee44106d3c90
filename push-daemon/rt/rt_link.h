/*
 * rt_link - one connection to an rt worker, kept for many calls (FastCGI with
 * FCGI_KEEP_CONN): it connects, says one call at a time and gives what the
 * worker answers.
 */
#ifndef RT_LINK_H
#define RT_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct buf;
struct rt_link;

#define RT_LINK_BODY_MAX (1024 * 1024)

struct rt_link_handlers {
	/* It is connected. */
	void (*open)(void *user);
	/* All that the worker wrote (FCGI_STDOUT) is here, borrowed. The next
	 * call may be sent from within, and the link be closed. */
	void (*answer)(const void *output, size_t len, void *user);
	/* It is of no use any more, and about to be freed. */
	void (*failed)(const char *why, void *user);
};

/* Connects. handlers and path must outlive it. */
struct rt_link *rt_link_new(uv_loop_t *loop, const char *path,
			    const struct rt_link_handlers *handlers,
			    void *user);
/* No handler is called any more; it frees itself in the loop. NULL: no-op. */
void rt_link_close(struct rt_link *link);

/* Connected, and the last call is over. */
bool rt_link_idle(const struct rt_link *link);
/* A call, at most RT_LINK_BODY_MAX bytes of frames. Only when idle; may lead
 * to failed() at once. */
void rt_link_send(struct rt_link *link, const struct buf *body);

#endif
