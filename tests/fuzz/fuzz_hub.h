/*
 * fuzz_hub - what a harness of the hub stands on: clients that take whatever
 * they are sent, a clock that it moves, and the answer that lets a client in.
 */
#ifndef FUZZ_HUB_H
#define FUZZ_HUB_H

#include "hub.h"

#define FUZZ_HUB_ID "0123456789abcdef01234567"

extern const char fuzz_hub_session[]; /* of that user, in one room */
extern int64_t fuzz_hub_now_ms;

struct fuzz_client {
	struct client client; /* must be first */
	bool refused;
};

struct hub *fuzz_hub_new(void (*call)(const struct api_command *command,
				      const char *key, void *user));
/* client, all zeros, asks to come in. */
void fuzz_hub_come(struct hub *hub, struct fuzz_client *client);
/* A worker's answer to command: this text, if it is JSON, else it cannot. */
void fuzz_hub_answer(const struct api_command *command, const char *text,
		     size_t len, const char *payload);

#endif
