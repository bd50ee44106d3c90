/*
 * pipes - Unix sockets on the loop: listening on a path, writing a copy.
 */
#ifndef PIPES_H
#define PIPES_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

/*
 * Bind, mode 0660, and listen. A socket file that nobody listens on is
 * replaced. NULL, or one line for the operator, which the caller frees; pipe
 * is to be uv_close()d in either case. Closing removes the file.
 */
char *pipes_listen(uv_loop_t *loop, uv_pipe_t *pipe, const char *path,
		   uv_connection_cb on_connection);

/* Write a copy of data. False: the peer takes none of it any more, or left
 * more than max bytes unread; close it. */
bool pipes_write(uv_stream_t *stream, const void *data, size_t len, size_t max);

#endif
