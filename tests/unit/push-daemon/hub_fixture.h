/*
 * hub_fixture - the hub between a fake edge and fake workers: what people see,
 * and what workers are asked.
 */
#ifndef HUB_FIXTURE_H
#define HUB_FIXTURE_H

#include "hub.h"
#include "ids.h"

#include "fake_workers.h"
#include "transcript.h"

#define ANN "aaaaaaaaaaaaaaaaaaaaaaaa"
#define BOB "bbbbbbbbbbbbbbbbbbbbbbbb"
#define CONVERSATION "cccccccccccccccccccccccc"
#define WALL 1700000000000
#define AS_OF "000000000000000000001000" /* a position: before all messages */

extern struct hub *hub;
extern int64_t now;  /* monotonic; the wall clock is `wall` later */
extern int64_t wall; /* WALL at first */

/* Everyone hears of everyone ... */
int hub_setup(void **state);
/* ... or nobody of a stranger, as among many. */
int hub_setup_large(void **state);
/* ... or of a stranger while two are online. */
int hub_setup_two(void **state);
int hub_teardown(void **state);
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, hub_setup, hub_teardown)
#define TEST_LARGE(name)                                                       \
	cmocka_unit_test_setup_teardown(name, hub_setup_large, hub_teardown)
#define TEST_TWO(name)                                                         \
	cmocka_unit_test_setup_teardown(name, hub_setup_two, hub_teardown)

/* ---- clients ---- */

struct fake {
	struct client client;
	size_t from; /* where in the transcript it begins */
	bool gone;
	bool dies; /* of the next message */
};
extern struct fake ann, bob, other; /* gone when the test ends */
extern const struct client_ops ops;
extern int freed; /* clients */

/* One that has not been there before. */
void fake_new(struct fake *fake);
/* more: of the session's answer, ",..." */
void connect_as(struct fake *fake, const char *user, const char *more);
void connect_with(struct fake *fake, const char *answer); /* all of it */
void disconnect(struct fake *fake);
void event(struct fake *fake, const char *name, const char *args);

/* What it saw, by a pattern of transcript.h: the events by name, with their
 * argument as the value; `ack`, with the answer's members; `accepted`,
 * `refused message data`, `closed`, `dropped`. "" is: anything at all. */
int count(const struct fake *fake, const char *pattern);
#define assert_sees(fake, pattern)                                             \
	check_seen(fake, pattern, true, __FILE__, __LINE__)
#define assert_sees_not(fake, pattern)                                         \
	check_seen(fake, pattern, false, __FILE__, __LINE__)
/* That was the last thing. */
#define assert_ends(fake, pattern) check_ends(fake, pattern, __FILE__, __LINE__)
void check_seen(const struct fake *fake, const char *pattern, bool wanted,
		const char *file, int line);
void check_ends(const struct fake *fake, const char *pattern, const char *file,
		int line);

/* `occupied room` and `empty room`: what was said of rooms. */
int rooms_noted(const char *pattern);

/* Time, tick by tick. */
void pass(int64_t ms);

#endif
