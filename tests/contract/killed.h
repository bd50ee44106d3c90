/*
 * killed - a child that is killed at a point of its way (kill_point.h), and
 * what it came to say before that; or stopped there.
 *
 * Rules are read, and points counted, once in a process: the parent passes none
 * of them itself.
 */
#ifndef KILLED_H
#define KILLED_H

#include "children.h"

/* Name the rule, to a child as it starts. */
#define KILLED_BY "PALABRE_TEST_KILL"
#define STOPPED_BY "PALABRE_TEST_STOP"

/* Killed by that rule, or not at all (NULL): then it returns 0. It reports
 * these numbers, of which there are so many. */
void killed_says(struct contract *c, child_main *work, const char *rule,
		 const int *numbers, size_t count);
#define SAYS(...)                                                              \
	(const int[]){__VA_ARGS__}, sizeof((int[]){__VA_ARGS__}) / sizeof(int)
#define SAYS_NOTHING (const int[]){0}, 0

/* Stopped by that rule, goes on when another child has done its work, and
 * returns 0. */
void killed_stops(struct contract *c, child_main *work, const char *rule,
		  child_main *meanwhile);

#endif
