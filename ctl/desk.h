/*
 * desk - whom the operators talk to, as one of them sees it: numbers that stay,
 * names, and up to where it was shown. The lobby is one of them, by the id of
 * its conversation. Pure.
 */
#ifndef DESK_H
#define DESK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ids.h"

#define DESK_MAX 10000

struct desk_client {
	size_t number; /* from 1 on */
	char id[ID_SIZE], conversation[ID_SIZE];
	char *name;
	int64_t seq; /* the newest message that was shown or is known */
};

struct desk {
	struct desk_client **clients;
	size_t count;
};

void desk_done(struct desk *desk);

/* Of that user; NULL: not known. */
struct desk_client *desk_client(const struct desk *desk, const char *id);
/* The same, made where there is none; NULL: there are DESK_MAX. */
struct desk_client *desk_meet(struct desk *desk, const char *id,
			      const char *name);
bool desk_is_lobby(const struct desk_client *client);
/* By a number or a name, in any case; NULL: there is none. */
struct desk_client *desk_find(const struct desk *desk, const char *word);

#endif
