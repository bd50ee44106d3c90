/*
 * listener - what must be before a pool can listen: the directory of its
 * socket, and nobody else who serves it.
 */
#ifndef LISTENER_H
#define LISTENER_H

/* Make the directory that path is in, unless it is there. NULL or one line. */
char *listener_make_directory(const char *path);

/* Nobody else serves these sockets: a lock beside path that lives as long as
 * this process, not its children. The descriptor, or -1 and one line in *error,
 * which the caller frees. */
int listener_lock(const char *path, char **error);

#endif
