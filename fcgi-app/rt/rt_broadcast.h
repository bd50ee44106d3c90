/*
 * rt_broadcast - the command `broadcast`: an operator says something to all.
 *
 * A circle with rt_commands: this is a row of its table, in a file of its own.
 */
#ifndef RT_BROADCAST_H
#define RT_BROADCAST_H

struct app;
struct buf;
struct rt_work;

void rt_broadcast_run(struct app *app, struct rt_work *work);
void rt_broadcast_announce(struct app *app, struct rt_work *work,
			   struct buf *out);

#endif
