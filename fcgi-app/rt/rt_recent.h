/*
 * rt_recent - the command `recent`: what was written lately, announced again.
 *
 * A circle with rt_commands: this is a row of its table, and a file of its own
 * for its length.
 */
#ifndef RT_RECENT_H
#define RT_RECENT_H

struct app;
struct rt_work;

void rt_recent_run(struct app *app, struct rt_work *work);

#endif
