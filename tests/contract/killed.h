/*
 * killed - a child that is killed at a point of its way (kill_point.h), and
 * what it came to say before that.
 *
 * Points are counted once in a process: the parent passes none of those that a
 * child is to be killed at.
 */
#ifndef KILLED_H
#define KILLED_H

#include "children.h"

/* Names the rule, to a child as it starts. */
#define KILLED_BY "PALABRE_TEST_KILL"

/* Killed by that rule, or not at all (NULL): then it returns 0. It reports
 * these numbers, of which there are so many. */
void killed_says(struct contract *c, child_main *work, const char *rule,
		 const int *numbers, size_t count);
#define SAYS(...)                                                              \
	(const int[]){__VA_ARGS__}, sizeof((int[]){__VA_ARGS__}) / sizeof(int)
#define SAYS_NOTHING (const int[]){0}, 0

#endif
