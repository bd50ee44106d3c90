/*
 * pipe_server - a listening Unix socket on the loop, and its peers: each is
 * heard as it speaks, and told what it reads in time.
 */
#ifndef PIPE_SERVER_H
#define PIPE_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>
#include <uv.h>

struct pipe_server;

/* The first member of what an edge keeps of a peer. */
struct pipe_peer {
	uv_pipe_t pipe;
	LIST_ENTRY(pipe_peer) link;
	struct pipe_server *server;
	bool closing; /* nothing more is said or heard */
};

struct pipe_protocol {
	size_t peer_size;  /* of the whole of it; begins as zeros */
	size_t peers_max;  /* one more is lost at once */
	size_t unread_max; /* bytes a peer may leave unread */
	void (*read)(struct pipe_peer *peer, const char *data, size_t len,
		     void *user);
	/* It ended, was one too many, or read too little. NULL: so what. */
	void (*lost)(struct pipe_peer *peer, void *user);
	/* Free what it holds; user may be gone by then. NULL: nothing. */
	void (*done)(struct pipe_peer *peer);
};

/*
 * Bind, mode 0660, and listen. A socket file that nobody listens on is
 * replaced. NULL and *error, one line for the operator, which the caller frees;
 * the loop is to be run out even then.
 */
struct pipe_server *pipe_server_new(uv_loop_t *loop, const char *path,
				    const struct pipe_protocol *protocol,
				    void *user, char **error);
/* Removes the file, closes all; frees itself as the loop runs out. NULL:
 * no-op. */
void pipe_server_close(struct pipe_server *server);
size_t pipe_server_peers(const struct pipe_server *server);

/* A copy of data; a peer that takes none of it, or too little, is lost. */
void pipe_peer_write(struct pipe_peer *peer, const void *data, size_t len);
/* Close it. */
void pipe_peer_lose(struct pipe_peer *peer);

#endif
