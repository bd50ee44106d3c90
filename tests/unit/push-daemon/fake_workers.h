/*
 * fake_workers - palabre-api's workers for a hub under test (hub_fixture.h):
 * what they are asked, what they answer, and what they say.
 *
 * A circle with hub_fixture: they speak to the hub that is there, at its time.
 */
#ifndef FAKE_WORKERS_H
#define FAKE_WORKERS_H

#include "hub.h"
#include "notify_frame.h"

/* Before a hub is made, whose call is the second one. */
void fake_workers_begin(void);
void fake_workers_call(const struct api_command *command, const char *key,
		       void *user);

extern bool workers_down;
extern char asked_text[1000];	   /* the last command's payload */
extern struct api_command held;	   /* the last one; another answers it */
extern const char *session_answer; /* "": none yet; connect_as() sets it */
extern const char *sessions_answer;

/* The commands that were asked: the command's name, the head's members and
 * `payload`. */
int asked(const char *pattern);
void forget_asked(void);
#define assert_asked(pattern) assert_int_not_equal(asked(pattern), 0)

struct api_command take_held(void); /* to be answered later than another */
void answer(const struct api_command *command, const char *head_text,
	    const char *payload);
/* Of number seq of Ann's to Bob. */
const char *position_of(int seq);
bool frame_from(enum notify_kind kind, const char *text,
		enum hub_source source);
bool frame(enum notify_kind kind, const char *text); /* on notify.sock */
/* Number seq of Ann's to Bob. */
void message(int seq, enum hub_source source);
void message_by(struct hub_worker *worker, int seq);

/* The caller frees it; the test fails where it is none. */
struct json_object *fake_parse(const char *text, size_t len);

#endif
