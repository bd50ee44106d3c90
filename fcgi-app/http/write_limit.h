/*
 * write_limit - may this user write now? What the settings say, asked of
 * write_buckets.
 */
#ifndef WRITE_LIMIT_H
#define WRITE_LIMIT_H

#include <stdint.h>

struct app;

/* 0: yes, and it is counted. Else seconds after which to try again. */
int64_t write_limit_take(struct app *app, const char *user);
/* Nothing was written after all: it was there already. */
void write_limit_give_back(struct app *app, const char *user);

/* May somebody of that network come in now whom nobody knows yet? */
int64_t write_limit_take_newcomer(struct app *app, const char *network);

#endif
