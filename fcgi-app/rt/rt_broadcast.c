#include "rt_broadcast.h"

#include "refusals.h"
#include "rt_call.h"
#include "rt_commands.h"

void rt_broadcast_run(struct app *app, struct rt_work *work)
{
	if (!rt_commands_admit(app, work))
		return;

	const struct store_viewer viewer = store_viewer_of(&work->user);

	work->broadcast.now_ms = work->now_ms;
	work->field = broadcast_read(work->command->payload, &work->broadcast,
				     &work->message);
	work->code = work->field != NULL
			     ? refusal_row(REFUSAL_INVALID)->code
			     : rt_commands_code(broadcast_write(
				       app, &viewer, &work->broadcast));
}

void rt_broadcast_announce(struct app *app, struct rt_work *work,
			   struct buf *out)
{
	(void)app;
	broadcast_announce(out, &work->broadcast, work->request_id);
}
