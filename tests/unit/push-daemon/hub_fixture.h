/*
 * hub_fixture - the hub between a fake edge and fake workers: what people see,
 * and what workers are asked.
 */
#ifndef HUB_FIXTURE_H
#define HUB_FIXTURE_H

#include "hub.h"
#include "ids.h"
#include "notify_frame.h"

#define ANN "aaaaaaaaaaaaaaaaaaaaaaaa"
#define BOB "bbbbbbbbbbbbbbbbbbbbbbbb"
#define CONVERSATION "cccccccccccccccccccccccc"
#define WALL 1700000000000

extern struct hub *hub;
extern int64_t now; /* monotonic; the wall clock is WALL later */

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

/* seen: what was sent, a line each: `!` and the event, `?` a droppable one,
 * `ack1 ...`, accepted, refused, closed, dropped. */
struct fake {
	struct client client;
	char seen[8192];
	bool gone;
	bool dies; /* of the next message */
};
extern struct fake ann, bob, other; /* gone when the test ends */
extern const struct client_ops ops;
extern int freed; /* clients */

/* more: of the session's answer, ",..." */
void connect_as(struct fake *fake, const char *user, const char *more);
void disconnect(struct fake *fake);
void event(struct fake *fake, const char *name, const char *args);

#define assert_sees(fake, text) assert_non_null(strstr((fake)->seen, text))
#define assert_sees_not(fake, text) assert_null(strstr((fake)->seen, text))
int count(const struct fake *fake, const char *text);

/* ---- workers ---- */

extern bool workers_down;
extern char asked[8192];	  /* the commands, a line each */
extern struct api_command held;	  /* the last one; another answers it */
extern char session_answer[1000]; /* "": none yet; connect_as() writes it */
extern const char *sessions_answer;

struct api_command take_held(void); /* to be answered later than another */
void answer(const struct api_command *command, const char *head_text,
	    const char *payload);
bool frame_from(enum notify_kind kind, const char *text,
		enum hub_source source);
bool frame(enum notify_kind kind, const char *text); /* on notify.sock */
/* Number seq of Ann's to Bob. */
void message(int seq, enum hub_source source);

/* Time, tick by tick. */
void pass(int64_t ms);

#endif
