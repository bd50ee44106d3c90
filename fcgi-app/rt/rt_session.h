/*
 * rt_session - the commands that let a client in: whose token it is, another
 * token for one that is here, and a guest who comes with a name.
 *
 * A circle with rt_commands: these are rows of its table, in a file of their
 * own.
 */
#ifndef RT_SESSION_H
#define RT_SESSION_H

struct app;
struct json_text;
struct rt_work;

void rt_session_run(struct app *app, struct rt_work *work);
void rt_renew_run(struct app *app, struct rt_work *work);
void rt_renew_acknowledge(struct app *app, struct rt_work *work,
			  struct json_text *ack);
/* Writes. A command that comes again by the same sessionId is the same guest.
 */
void rt_guest_run(struct app *app, struct rt_work *work);

#endif
