#include "presence.h"

#include <assert.h>
#include <stddef.h>

void presence_init(struct presence *presence, int64_t grace_ms)
{
	*presence = (struct presence){.grace_ms = grace_ms};
	TAILQ_INIT(&presence->present);
	TAILQ_INIT(&presence->leaving);
}

/* The list is in order, as nobody's round is later. */
static void insert_present(struct presence *presence,
			   struct presence_person *person)
{
	person->round = presence->round;
	TAILQ_INSERT_TAIL(&presence->present, person, link);
}

bool presence_up(struct presence *presence, struct presence_person *person)
{
	bool came = !person->online;

	if (person->sockets++ > 0)
		return false;
	if (!came)
		TAILQ_REMOVE(&presence->leaving, person, link);
	insert_present(presence, person);
	person->online = true;
	presence->online += came;
	return came;
}

void presence_down(struct presence *presence, struct presence_person *person,
		   int64_t now_ms, int64_t wall_ms)
{
	assert(person->sockets > 0);
	if (--person->sockets > 0)
		return;
	TAILQ_REMOVE(&presence->present, person, link);
	/* The grace is the same for all: the list stays in order. */
	person->offline_at = now_ms + presence->grace_ms;
	person->last_seen_ms = wall_ms;
	TAILQ_INSERT_TAIL(&presence->leaving, person, link);
}

void presence_start_round(struct presence *presence)
{
	presence->round++;
}

struct presence_person *presence_next_present(struct presence *presence)
{
	struct presence_person *person = TAILQ_FIRST(&presence->present);

	if (person == NULL || person->round == presence->round)
		return NULL;
	TAILQ_REMOVE(&presence->present, person, link);
	insert_present(presence, person);
	return person;
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
