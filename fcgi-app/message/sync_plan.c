#include "sync_plan.h"

#include "palabre_limits.h"

struct sync_plan sync_plan_new(bool same_epoch)
{
	return (struct sync_plan){LIMIT_SYNC_TOTAL, !same_epoch};
}

enum sync_step sync_plan_next(const struct sync_plan *plan,
			      const struct sync_point *client,
			      const struct sync_point *ours, int64_t floor)
{
	int64_t messages = ours->seq - client->seq;
	int64_t changes = ours->change - client->change;

	/* What lies before one joined, or joined again, cannot be sent. */
	if (plan->elsewhere || messages < 0 || changes < 0 ||
	    client->seq < floor - 1 || messages > LIMIT_SYNC_CONVERSATION ||
	    changes > LIMIT_SYNC_CONVERSATION)
		return SYNC_RESET;
	if (messages + changes > plan->room)
		return SYNC_LATER;
	return SYNC_FILL;
}

void sync_plan_sent(struct sync_plan *plan, int64_t count)
{
	plan->room -= count;
}
