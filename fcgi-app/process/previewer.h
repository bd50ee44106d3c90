/*
 * previewer - palabre-preview, as the supervisor starts it: with the socket
 * that workers ask on, and nothing that it could learn or open besides.
 */
#ifndef PREVIEWER_H
#define PREVIEWER_H

#include <sys/types.h>

/* Where the program is: beside ours, or where both were built. NULL: nowhere.
 * The caller frees it. */
char *previewer_find(void);

/* At most so many connections wait for it while it has one: whoever waits is a
 * worker, and the others have to be served. */
void previewer_bound(int listen_fd, int workers);

/* In a fresh child of supervisor: becomes that program when somebody comes to
 * listen_fd. Answers the exit status when it cannot, or was told to leave. */
int previewer_run(const char *program, int listen_fd, pid_t supervisor);

#endif
