/*
 * unix_socket - stream sockets that are files (unix(7)). The descriptors are
 * non-blocking and close-on-exec.
 */
#ifndef UNIX_SOCKET_H
#define UNIX_SOCKET_H

#include <stdint.h>
#include <sys/types.h>

#define UNIX_SOCKET_PATH_MAX 107 /* bytes of a path, without its NUL */
/* So many may wait to be accepted: the kernel's default limit,
 * net.core.somaxconn. */
#define UNIX_SOCKET_BACKLOG 4096

/* Which socket file may be replaced. */
enum unix_socket_claim {
	UNIX_SOCKET_DEAD, /* one that nobody listens on */
	UNIX_SOCKET_ANY,  /* any: a lock says that the path is ours */
};

/* Bind path, which gets this mode. Who connects is refused until somebody calls
 * listen() on it. -1: *error is one line for the operator that the caller
 * frees; else NULL. */
int unix_socket_bind(const char *path, mode_t mode,
		     enum unix_socket_claim claim, char **error);

/* The same, and listen. */
int unix_socket_listen(const char *path, mode_t mode,
		       enum unix_socket_claim claim, char **error);

/* -1: errno says why; EAGAIN when too many wait to be accepted already. */
int unix_socket_connect(const char *path);

/* The same, for who asks and waits: it blocks, for so long at most in each call
 * that sends or receives. */
int unix_socket_connect_waiting(const char *path, int64_t patience_ms);

#endif
