/*
 * presence - asks pushd once who of an answer's users is online.
 */
#ifndef PRESENCE_H
#define PRESENCE_H

struct app;
struct view_people;

/* Everyone stays offline when pushd does not say. */
void presence_ask(struct app *app, struct view_people *people);

#endif
