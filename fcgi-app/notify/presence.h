/*
 * presence - asks pushd who is online: once for all users of an answer.
 */
#ifndef PRESENCE_H
#define PRESENCE_H

#include <stdbool.h>

struct app;
struct view_people;

/* Everyone stays offline when pushd does not say. */
void presence_ask(struct app *app, struct view_people *people);

bool presence_is_online(struct app *app, const char *user);

#endif
