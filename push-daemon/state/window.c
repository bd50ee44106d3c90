#include "window.h"

#include <stddef.h>

#define WORD 64

static size_t window_slot_of(int64_t number)
{
	return (size_t)(number / WORD % WINDOW_WORDS);
}

static uint64_t bit_of(int64_t number)
{
	return (uint64_t)1 << (number % WORD);
}

/* The lowest number the bitmap has a bit for. */
static int64_t floor_of(int64_t highest)
{
	int64_t word = highest / WORD - (WINDOW_WORDS - 1);

	return word > 0 ? word * WORD : 0;
}

/* How many of [from, to) have no bit; all must be inside the bitmap. */
static uint32_t count_unseen(const struct window *window, int64_t from,
			     int64_t to)
{
	uint32_t unseen = 0;

	for (int64_t n = from; n < to; n++)
		unseen += (window->bits[window_slot_of(n)] & bit_of(n)) == 0;
	return unseen;
}

static int64_t clamp(int64_t number, int64_t least, int64_t most)
{
	return number < least ? least : number > most ? most : number;
}

/* The bitmap moves up to end at number; answers whether a missing one fell
 * out of it. */
static bool advance(struct window *window, int64_t number)
{
	int64_t end = window->highest + 1;
	int64_t floor = floor_of(number);
	/* Of the old ones: those between low and the new floor. */
	uint32_t fell = count_unseen(
		window, clamp(window->low, floor_of(window->highest), end),
		clamp(floor, window->low, end));
	/* Of the skipped ones: those that never had a bit. */
	int64_t skipped = number - end;
	int64_t behind = clamp(floor - end, 0, skipped);

	for (int64_t word = window->highest / WORD + 1, last = number / WORD,
		     steps = 0;
	     word <= last && steps < WINDOW_WORDS; word++, steps++)
		window->bits[word % WINDOW_WORDS] = 0;
	window->missing += (uint32_t)(skipped - behind) - fell;
	window->highest = number;
	if (window->low < floor)
		window->low = floor;
	return fell > 0 || behind > 0;
}

static void window_start(struct window *window, int64_t number)
{
	/* What was seen stays seen: only the holes start anew. */
	if (window->highest > 0) {
		window->low = window->highest;
		window->missing = 0;
		advance(window, number);
	}
	window->highest = number;
	window->low = number;
	window->missing = 0;
	window->fresh = false;
}

enum window_verdict window_enter(struct window *window, int64_t number,
				 bool *lost)
{
	*lost = false;
	if (number < 1 || number > WINDOW_NUMBER_MAX)
		return WINDOW_TOO_OLD;
	if (window->highest == 0 ||
	    (window->fresh && number > window->highest)) {
		window_start(window, number);
	} else if (number > window->highest) {
		*lost = advance(window, number);
	} else if (number < floor_of(window->highest)) {
		return WINDOW_TOO_OLD;
	} else if (window->bits[window_slot_of(number)] & bit_of(number)) {
		return WINDOW_SEEN;
	} else if (number > window->low) {
		window->missing--;
	}
	window->bits[window_slot_of(number)] |= bit_of(number);
	return WINDOW_NEW;
}

bool window_knows(const struct window *window, int64_t number)
{
	return number >= window->low ||
	       (number >= floor_of(window->highest) &&
		(window->bits[window_slot_of(number)] & bit_of(number)) != 0);
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

uint32_t window_missing_to(const struct window *window, int64_t number)
{
	if (window->missing == 0)
		return 0;
	return count_unseen(window, window->low,
			    least(number, window->highest) + 1);
}

void window_forget_to(struct window *window, int64_t number)
{
	if (number <= window->low)
		return;
	window->missing -= window_missing_to(window, number);
	window->low = least(number, window->highest);
}

void window_skip(struct window *window)
{
	window_forget_to(window, window->highest);
	window->fresh = true;
}
