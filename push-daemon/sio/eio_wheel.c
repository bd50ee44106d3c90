#include "eio_wheel.h"

#include <assert.h>

void eio_wheel_init(struct eio_wheel *wheel, uint32_t tick_ms, int64_t now_ms)
{
	assert(tick_ms > 0 && tick_ms <= UINT16_MAX);
	*wheel = (struct eio_wheel){.start_ms = now_ms, .tick_ms = tick_ms};
}

static void link_in(struct eio_timer **head, struct eio_timer *timer)
{
	timer->next = *head;
	timer->at = head;
	if (timer->next != NULL)
		timer->next->at = &timer->next;
	*head = timer;
}

static void link_out(struct eio_timer *timer)
{
	*timer->at = timer->next;
	if (timer->next != NULL)
		timer->next->at = timer->at;
	timer->at = NULL;
	timer->next = NULL;
}

/* How much before its tick the moment is. */
static int64_t early(const struct eio_wheel *wheel, int64_t due, int64_t ms)
{
	int64_t before = due * wheel->tick_ms - ms;

	return before < wheel->tick_ms ? before : wheel->tick_ms - 1;
}

void eio_wheel_set(struct eio_wheel *wheel, struct eio_timer *timer,
		   int64_t due_ms)
{
	int64_t ms = due_ms - wheel->start_ms;
	int64_t due = (ms + wheel->tick_ms - 1) / wheel->tick_ms;

	eio_wheel_cancel(wheel, timer);
	if (due <= (int64_t)wheel->now)
		due = (int64_t)wheel->now + 1;
	timer->due = (uint32_t)due;
	timer->early = (uint16_t)early(wheel, due, ms);
	link_in(&wheel->slots[timer->due % EIO_WHEEL_SLOTS], timer);
	wheel->armed++;
}

void eio_wheel_cancel(struct eio_wheel *wheel, struct eio_timer *timer)
{
	if (timer->at == NULL)
		return;
	link_out(timer);
	wheel->armed--;
}

int64_t eio_wheel_moment(const struct eio_wheel *wheel,
			 const struct eio_timer *timer)
{
	return wheel->start_ms + (int64_t)timer->due * wheel->tick_ms -
	       timer->early;
}

bool eio_wheel_due(const struct eio_wheel *wheel, const struct eio_timer *timer,
		   int64_t now_ms)
{
	return timer->at != NULL && now_ms >= eio_wheel_moment(wheel, timer);
}

static void turn_slot(struct eio_wheel *wheel,
		      void (*fire)(struct eio_timer *timer, void *user),
		      void *user)
{
	struct eio_timer **slot = &wheel->slots[wheel->now % EIO_WHEEL_SLOTS];
	struct eio_timer *later = NULL;

	/* Emptied from the front, since fire() may cancel any neighbour; what
	 * is of a later round waits aside. */
	while (*slot != NULL) {
		struct eio_timer *timer = *slot;

		link_out(timer);
		if (timer->due > wheel->now) {
			link_in(&later, timer);
			continue;
		}
		wheel->armed--;
		fire(timer, user);
	}
	while (later != NULL) {
		struct eio_timer *timer = later;

		link_out(timer);
		link_in(slot, timer);
	}
}

void eio_wheel_advance(struct eio_wheel *wheel, int64_t now_ms,
		       void (*fire)(struct eio_timer *timer, void *user),
		       void *user)
{
	int64_t target = (now_ms - wheel->start_ms) / wheel->tick_ms;

	/* After a long sleep one round finds all that is due. */
	if (wheel->armed == 0 && target > (int64_t)wheel->now)
		wheel->now = (uint32_t)target;
	while ((int64_t)wheel->now < target) {
		wheel->now++;
		turn_slot(wheel, fire, user);
	}
}
