/*
 * rt_commands - THE table of what pushd may ask of a worker.
 */
#ifndef RT_COMMANDS_H
#define RT_COMMANDS_H

#include <stdint.h>

#include "broadcast.h"
#include "buf.h"
#include "message_announce.h"
#include "store.h"

struct app;
struct json_object;
struct json_text;
struct rt_command;

/* A command under way. */
struct rt_work {
	const struct rt_command *command;
	const struct rt_verb *verb; /* NULL: there is no such command */
	const char *request_id;
	int64_t now_ms;

	/* Why it failed: a stable word; NULL: it did not. */
	const char *code;
	const char *field, *message; /* more for people; may be NULL */
	int64_t retry_s;	     /* when to try again; 0: not said */

	struct store_user user; /* who commands; zeroed when nobody */
	struct store_sent sent;
	struct store_read_marks marks;
	struct broadcast broadcast;
	struct message_rendered rendered; /* in the answer */
	int64_t expires_at;		  /* of the session, when renewed */

	struct buf frames;	  /* to stand before the result */
	struct json_object *head; /* of the result; NULL: it is {"ok":true} */
};

/* Made at the first call. */
struct json_object *rt_work_head(struct rt_work *work);

struct rt_verb {
	const char *name;
	bool writes; /* needs the transaction */
	bool acks;   /* its result carries an acknowledgement */
	/* Within the transaction. Sets work->code when it fails. */
	void (*run)(struct app *app, struct rt_work *work);
	/* After the commit, for those that did not fail; each may be NULL. */
	void (*announce)(struct app *app, struct rt_work *work,
			 struct buf *out);
	/* What the acknowledgement says besides "ok": true. Its text is that
	 * of the whole answer, and so has the frames before it. */
	void (*acknowledge)(struct app *app, struct rt_work *work,
			    struct json_text *ack);
};

/* NULL: none of that name. */
const struct rt_verb *rt_commands_find(const char *name);

/* Their session lives, and they may write now. False: work->code says why. */
bool rt_commands_admit(struct app *app, struct rt_work *work);

/* The public source of these words is docs/frames.md. */
const char *rt_commands_code(enum store_status status);

#endif
