/*
 * kill_point - named places where a test may kill this process (-9), or stop it
 * (SIGSTOP).
 *
 * Inert unless the environment says PALABRE_TEST_KILL= or PALABRE_TEST_STOP=
 *     NAME:1/N    one passage of NAME in N, at random
 *     NAME:@N     exactly the Nth passage of NAME in this process
 * Read once per process, at the first passage of any point.
 */
#ifndef KILL_POINT_H
#define KILL_POINT_H

#include <stdbool.h>

void kill_point(const char *name);

/* The rule behind it, free of process and environment. */
struct kill_rule {
	const char *name; /* NULL: never; borrowed from the text */
	int name_len;
	unsigned long one_in; /* 0: by count */
	unsigned long at, passed;
};

/* False, and a rule that never fires, for a text that is none. */
bool kill_rule_parse(const char *text, struct kill_rule *rule);
/* dice: any random number. */
bool kill_rule_fires(struct kill_rule *rule, const char *name,
		     unsigned long dice);

#endif
