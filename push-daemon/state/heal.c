#include "heal.h"

#include <stdio.h>
#include <string.h>

void heal_init(struct heal *heal, bool enabled, int64_t wall_ms)
{
	*heal = (struct heal){.enabled = enabled, .start_ms = wall_ms};
}

uint64_t heal_trigger(struct heal *heal, int64_t since_wall_ms)
{
	if (!heal->enabled)
		return 0;
	if (!heal->pending || since_wall_ms < heal->since_ms)
		heal->since_ms = since_wall_ms;
	heal->pending = true;
	return heal->runs_started + 1;
}

/* The workers look from a margin before what they are told; that must not
 * reach back before our own start: whoever is connected came later. */
static int64_t clamp_since(const struct heal *heal, int64_t since)
{
	int64_t first = heal->start_ms + HEAL_MARGIN_MS;

	return since > first ? since : first;
}

static void finish(struct heal *heal)
{
	heal->running = false;
	heal->asked = false;
	heal->runs_done = heal->runs_started;
	heal->retry_ms = 0;
	heal->retry_at = 0;
}

static void start(struct heal *heal)
{
	heal->pending = false;
	heal->running = true;
	heal->runs_started++;
	heal->run_since_ms = heal->since_ms;
	heal->after[0] = '\0';
	heal->pages = 0;
	heal->late = false;
}

enum heal_step heal_next(struct heal *heal, int64_t now_ms, int64_t wall_ms,
			 int64_t *since)
{
	if (heal->asked || now_ms < heal->retry_at ||
	    (!heal->running && !heal->pending))
		return HEAL_NOTHING;
	if (!heal->running)
		start(heal);
	if (wall_ms - heal->run_since_ms > HEAL_REACH_MS) {
		heal->run_since_ms = wall_ms - HEAL_REACH_MS;
		heal->late = true;
	}
	*since = clamp_since(heal, heal->run_since_ms);
	heal->asked = true;
	return HEAL_ASK;
}

enum heal_step heal_answer(struct heal *heal, const char *after)
{
	if (!heal->asked)
		return HEAL_NOTHING;
	heal->asked = false;
	heal->retry_ms = 0;
	heal->retry_at = 0;
	/* An answer that does not move on would be asked for ever. */
	if (after == NULL || strcmp(after, heal->after) == 0) {
		finish(heal);
		return heal->late ? HEAL_SYNC : HEAL_NOTHING;
	}
	if (++heal->pages >= HEAL_PAGES_MAX ||
	    strlen(after) >= sizeof(heal->after)) {
		finish(heal);
		return HEAL_SYNC;
	}
	snprintf(heal->after, sizeof(heal->after), "%s", after);
	return HEAL_ASK;
}

void heal_lost(struct heal *heal)
{
	heal->late = true;
}

void heal_failed(struct heal *heal, int64_t now_ms)
{
	heal->asked = false;
	heal->retry_ms =
		heal->retry_ms == 0 ? HEAL_RETRY_FIRST_MS : heal->retry_ms * 2;
	if (heal->retry_ms > HEAL_RETRY_MAX_MS)
		heal->retry_ms = HEAL_RETRY_MAX_MS;
	heal->retry_at = now_ms + heal->retry_ms;
}
