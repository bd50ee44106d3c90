/*
 * hub_base - what every part of the hub stands on: the settings, the clocks,
 * the way to the workers, and the counters. It outlives them all.
 */
#ifndef HUB_BASE_H
#define HUB_BASE_H

#include "hub_config.h"

struct json_text;

struct hub_base {
	struct hub_config config;
	struct hub_stats stats; /* each part counts what it does */
};

int64_t hub_base_mono_ms(const struct hub_base *base);
int64_t hub_base_wall_ms(const struct hub_base *base); /* since 1970 */

/* A command's head, to which the caller adds what else it says ... */
void hub_base_begin(struct json_text *head, const char *name);
/* ... and asks with it: closes and takes head, the one thing that command
 * lacks. */
void hub_base_call(const struct hub_base *base, struct api_command *command,
		   struct json_text *head, const char *key);

#endif
