/*
 * rt_recent - the command `recent`: what was written lately, announced again.
 */
#ifndef RT_RECENT_H
#define RT_RECENT_H

struct app;
struct rt_work;

void rt_recent_run(struct app *app, struct rt_work *work);

#endif
