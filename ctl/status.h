/*
 * status - the figures of palabre-api (GET /api/operator/figures), as lines for
 * people.
 */
#ifndef STATUS_H
#define STATUS_H

#include <stdio.h>

/* 0: all runs. 1: palabre-pushd does not answer it, or workers do not move, or
 * body is none of its answers: the lines say which. */
int status_show(const char *body, FILE *out);

#endif
