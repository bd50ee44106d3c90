/*
 * sio_fixture - the rules of socket.io-protocol revision 5, driven over a
 * WebSocket of a fake edge; and what the layer above was told.
 */
#ifndef SIO_FIXTURE_H
#define SIO_FIXTURE_H

#include "fake_edge.h"

#define PLACE(n) "{\"_placeholder\":true,\"num\":" #n "}"

/* What connect() does; LATER: nothing. */
enum sio_mode { ACCEPT, REFUSE, LATER };

extern struct fake fake;
extern struct fake_ws ws;
extern struct buf heard;
extern struct sio_socket *last, *main_socket; /* that asked to connect */
extern enum sio_mode mode;
extern bool admits; /* events */
extern int connects, disconnects;
extern enum sio_reason reason; /* of the last that disconnected */

int sio_start(void **state);
int sio_stop(void **state);
#define TEST(name) cmocka_unit_test_setup_teardown(name, sio_start, sio_stop)

/* What the client says; answers what it is sent then. */
const char *says(const char *text);
/* What the layer above was told since the last call. */
const char *heard_text(void);
/* Join the main namespace. */
void enter(void);
void send_json(struct sio_socket *socket, const char *json, int flags);
/* The client says it, and is hung up on. */
void closes_with(const char *text);

#endif
