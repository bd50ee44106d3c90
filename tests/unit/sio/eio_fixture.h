/*
 * eio_fixture - the rules of engine.io-protocol revision 4, driven over plain
 * Engine.IO on a fake edge; and what the layer above was told.
 */
#ifndef EIO_FIXTURE_H
#define EIO_FIXTURE_H

#include "fake_edge.h"

#define POLLING "EIO=4&transport=polling"
#define WEBSOCKET "EIO=4&transport=websocket"

extern struct fake fake;
extern struct buf heard; /* messages as the layer above got them */
extern int opened, closed;
extern enum sio_reason reason; /* of the last that closed */
extern bool echo;	       /* what is heard is sent back */

int eio_start(void **state);
int eio_stop(void **state);
#define TEST(name) cmocka_unit_test_setup_teardown(name, eio_start, eio_stop)

enum eio_verdict judge(enum eio_method method, bool websocket,
		       const char *query);
void refused(enum eio_error error, enum eio_method method, bool websocket,
	     const char *query);
/* query and the session's sid; valid until the next. */
const char *with_sid(const char *query, struct eio_session *session);

#endif
