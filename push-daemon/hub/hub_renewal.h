/*
 * hub_renewal - another token for a client that stays.
 */
#ifndef HUB_RENEWAL_H
#define HUB_RENEWAL_H

#include <stdbool.h>

struct client;
struct hub_delivery;
struct api_result;

/* A `renew` was answered: the client goes on with that session. False: it has
 * ended meanwhile, or may have; nothing changed. */
bool hub_renewal_take(const struct hub_delivery *delivery,
		      struct client *client, const struct api_result *result);

#endif
