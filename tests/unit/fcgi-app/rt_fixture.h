/*
 * rt_fixture - a call of pushd, command by command, upon chat_fixture.
 */
#ifndef RT_FIXTURE_H
#define RT_FIXTURE_H

#include "buf.h"
#include "chat_fixture.h"

/* For buf_done(). */
struct buf rt_new_body(void);

/* One command as who, with what else its head and its payload say. */
void rt_add(struct chat *chat, struct buf *body, int who, const char *more,
	    const char *payload);
void rt_add_send(struct chat *chat, struct buf *body, int from, int to,
		 const char *client_id);

/* For answer_done(); body is empty then. */
struct answer rt_call(struct chat *chat, struct buf *body);

#endif
