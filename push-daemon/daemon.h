/*
 * daemon - palabre-pushd: the hub between its edges, on one loop.
 */
#ifndef DAEMON_H
#define DAEMON_H

struct palabre_options;

/* Serve until SIGTERM or SIGINT. Answers the exit status; what there is to
 * say was logged, an error as one line. */
int daemon_run(const struct palabre_options *options);

#endif
