/*
 * eio_wheel - deadlines of many connections under one tick.
 *
 * Set, cancel and fire are O(1). A timer fires at the first advance at or
 * after its deadline, rounded up to a whole tick. Pure: time is an argument.
 */
#ifndef EIO_WHEEL_H
#define EIO_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EIO_WHEEL_SLOTS 256

/* Zeroed: not set. */
struct eio_timer {
	struct eio_timer *next;
	struct eio_timer **at; /* what points here; NULL: not set */
	uint32_t due;	       /* tick */
	uint16_t early;	       /* ms by which its moment is before that */
	uint16_t kind;	       /* the owner's */
};

struct eio_wheel {
	int64_t start_ms;
	uint32_t tick_ms;
	uint32_t now; /* ticks done */
	size_t armed;
	struct eio_timer *slots[EIO_WHEEL_SLOTS];
};

void eio_wheel_init(struct eio_wheel *wheel, uint32_t tick_ms, int64_t now_ms);

/* Set again replaces. due_ms is a moment, not a distance. */
void eio_wheel_set(struct eio_wheel *wheel, struct eio_timer *timer,
		   int64_t due_ms);
void eio_wheel_cancel(struct eio_wheel *wheel, struct eio_timer *timer);
/* Whether its moment is over, to the millisecond, though the tick that fires it
 * may yet come; and that moment, also of one that has fired: not before the
 * tick that was there when it was set. */
bool eio_wheel_due(const struct eio_wheel *wheel, const struct eio_timer *timer,
		   int64_t now_ms);

int64_t eio_wheel_moment(const struct eio_wheel *wheel,
			 const struct eio_timer *timer);

/* Call fire for each timer that is due, no longer set by then. It may set and
 * cancel any. */
void eio_wheel_advance(struct eio_wheel *wheel, int64_t now_ms,
		       void (*fire)(struct eio_timer *timer, void *user),
		       void *user);

#endif
