#include "presence.h"

#include <assert.h>
#include <stddef.h>

void presence_init(struct presence *presence, int64_t grace_ms)
{
	TAILQ_INIT(&presence->leaving);
	presence->grace_ms = grace_ms;
	presence->online = 0;
}

bool presence_up(struct presence *presence, struct presence_person *person)
{
	if (person->sockets++ > 0)
		return false;
	if (person->online) {
		TAILQ_REMOVE(&presence->leaving, person, link);
		return false;
	}
	person->online = true;
	presence->online++;
	return true;
}

void presence_down(struct presence *presence, struct presence_person *person,
		   int64_t now_ms, int64_t wall_ms)
{
	assert(person->sockets > 0);
	if (--person->sockets > 0)
		return;
	/* The grace is the same for all: the list stays in order. */
	person->offline_at = now_ms + presence->grace_ms;
	person->last_seen_ms = wall_ms;
	TAILQ_INSERT_TAIL(&presence->leaving, person, link);
}

struct presence_person *presence_next_offline(struct presence *presence,
					      int64_t now_ms)
{
	struct presence_person *person = TAILQ_FIRST(&presence->leaving);

	if (person == NULL || person->offline_at > now_ms)
		return NULL;
	TAILQ_REMOVE(&presence->leaving, person, link);
	person->online = false;
	presence->online--;
	return person;
}
