/*
 * presence - who is online: from the first socket until a grace after the
 * last one, so that a page that reloads does not flicker.
 */
#ifndef PRESENCE_H
#define PRESENCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

/* Embedded in whatever is a user. All zero: offline, no socket. */
struct presence_person {
	TAILQ_ENTRY(presence_person) link; /* present or leaving */
	unsigned sockets;
	unsigned round; /* while present: of when they were last looked at */
	bool online;
	int64_t offline_at;   /* monotonic; while in grace */
	int64_t last_seen_ms; /* since 1970; once the last socket went */
};

TAILQ_HEAD(presence_people, presence_person);

struct presence {
	struct presence_people present; /* whose round is longest ago first */
	struct presence_people leaving; /* in grace, the earliest first */
	unsigned round;
	int64_t grace_ms;
	uint64_t online; /* people */
};

void presence_init(struct presence *presence, int64_t grace_ms);

/* One socket more; true: the person came online by it. */
bool presence_up(struct presence *presence, struct presence_person *person);
/* One socket less. */
void presence_down(struct presence *presence, struct presence_person *person,
		   int64_t now_ms, int64_t wall_ms);

/* From now on everybody present is to be looked at, once. */
void presence_start_round(struct presence *presence);
/* The next of them; NULL: all were, or have come since. */
struct presence_person *presence_next_present(struct presence *presence);

/* A person whose grace is over, now offline; NULL: no more of them. */
struct presence_person *presence_next_offline(struct presence *presence,
					      int64_t now_ms);

#endif
