/*
 * presence - asks pushd who is online: once for all users of an answer. Of whom
 * the viewer blocks, or who blocks them, nothing is said.
 */
#ifndef PRESENCE_H
#define PRESENCE_H

#include <stdbool.h>

struct app;
struct json_text;
struct store_user;
struct view_people;

/* What a viewer sees of people in this text. */
void presence_people_init(struct app *app, const struct store_user *viewer,
			  struct view_people *people, struct json_text *text);
/* Everyone stays offline when pushd does not say. */
void presence_ask(struct app *app, struct view_people *people);

bool presence_is_online(struct app *app, const char *user);
/* As that viewer may know it, who else may not know when they were last seen
 * either. */
bool presence_shown(struct app *app, const struct store_user *viewer,
		    struct store_user *user);

#endif
