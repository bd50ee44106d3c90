/*
 * sio_listen - listening sockets on a libuv loop.
 *
 * Ours and not libwebsockets': 4.1.6 binds "127.0.0.1" to every address, and
 * silently listens nowhere when a Unix socket has a port.
 */
#ifndef SIO_LISTEN_H
#define SIO_LISTEN_H

#include <sys/socket.h>
#include <uv.h>

struct sio_listener;

/* accepted() gets a non-blocking descriptor and owns it. peer: whose it is,
 * also where they are gone and getpeername(2) knows nobody any more. Each open
 * answers NULL, or one line that the caller frees. */
typedef void sio_accepted(int fd, const struct sockaddr_storage *peer,
			  void *user);

char *sio_listen_unix(uv_loop_t *loop, const char *path, unsigned mode,
		      sio_accepted *accepted, void *user,
		      struct sio_listener **out);
/* port 0: any; *port is what it became. address is numeric. */
char *sio_listen_tcp(uv_loop_t *loop, const char *address, int *port,
		     sio_accepted *accepted, void *user,
		     struct sio_listener **out);

/* When descriptors ran out it rests: try again, now and then. */
void sio_listener_resume(struct sio_listener *listener);

/* Stops at once and removes a Unix socket; freed by the loop. */
void sio_listener_close(struct sio_listener *listener);

#endif
