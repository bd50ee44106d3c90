/*
 * listener - a pool's listening Unix socket.
 */
#ifndef LISTENER_H
#define LISTENER_H

/* Bind path (mode 0660, non-blocking, close-on-exec), replacing what is
 * there. The descriptor, or -1 and one line in *error (the caller frees it).
 */
int listener_open(const char *path, char **error);

/* Make the directory that path is in, unless it is there. NULL or one line. */
char *listener_make_directory(const char *path);

/* Nobody else serves these sockets: a lock beside path that lives as long as
 * this process, not its children. The descriptor, or -1 and *error. */
int listener_lock(const char *path, char **error);

#endif
