#include "recovery.h"

#include <string.h>

void recovery_init(struct recovery *recovery, bool enabled)
{
	*recovery = (struct recovery){.enabled = enabled};
}

static void recovery_set_position(char out[ID_SIZE], const char *position)
{
	memcpy(out, position, strnlen(position, ID_LEN) + 1);
	out[ID_LEN] = '\0';
}

void recovery_start(struct recovery *recovery, const char *position)
{
	if (recovery->start[0] == '\0')
		recovery_set_position(recovery->start, position);
}

uint64_t recovery_trigger(struct recovery *recovery, const char *position)
{
	if (!recovery->enabled)
		return 0;
	if (position == NULL)
		position = "";
	if (!recovery->pending || strcmp(position, recovery->wanted) < 0)
		recovery_set_position(recovery->wanted, position);
	recovery->pending = true;
	return recovery->runs_started + 1;
}

static void recovery_finish(struct recovery *recovery)
{
	recovery->running = false;
	recovery->asked = false;
	recovery->runs_done = recovery->runs_started;
	recovery->retry_ms = 0;
	recovery->retry_at = 0;
}

static void begin_run(struct recovery *recovery)
{
	bool mine = strcmp(recovery->wanted, recovery->start) >= 0;

	recovery->pending = false;
	recovery->running = true;
	recovery->runs_started++;
	recovery_set_position(recovery->after,
			      mine ? recovery->wanted : recovery->start);
	recovery->pages = 0;
	recovery->late = false;
}

enum recovery_step recovery_next(struct recovery *recovery, int64_t now_ms,
				 const char *floor)
{
	if (recovery->asked || now_ms < recovery->retry_at ||
	    recovery->start[0] == '\0' ||
	    (!recovery->running && !recovery->pending))
		return RECOVERY_NOTHING;
	if (!recovery->running)
		begin_run(recovery);
	if (strcmp(recovery->after, floor) < 0) {
		recovery_set_position(recovery->after, floor);
		recovery->late = true;
	}
	recovery->asked = true;
	return RECOVERY_ASK;
}

enum recovery_step recovery_answer(struct recovery *recovery, const char *after)
{
	if (!recovery->asked)
		return RECOVERY_NOTHING;
	recovery->asked = false;
	recovery->retry_ms = 0;
	recovery->retry_at = 0;
	/* An answer that does not move on would be asked for ever. */
	if (after == NULL || strcmp(after, recovery->after) <= 0) {
		recovery_finish(recovery);
		return recovery->late ? RECOVERY_SYNC : RECOVERY_NOTHING;
	}
	if (++recovery->pages >= RECOVERY_PAGES_MAX || !id_valid(after)) {
		recovery_finish(recovery);
		return RECOVERY_SYNC;
	}
	recovery_set_position(recovery->after, after);
	return RECOVERY_ASK;
}

void recovery_doubt(struct recovery *recovery)
{
	recovery->late = true;
}

void recovery_failed(struct recovery *recovery, int64_t now_ms)
{
	recovery->asked = false;
	recovery->retry_ms = recovery->retry_ms == 0 ? RECOVERY_RETRY_FIRST_MS
						     : recovery->retry_ms * 2;
	if (recovery->retry_ms > RECOVERY_RETRY_MAX_MS)
		recovery->retry_ms = RECOVERY_RETRY_MAX_MS;
	recovery->retry_at = now_ms + recovery->retry_ms;
}
