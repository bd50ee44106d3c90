/*
 * hub_renewal - another token for a client that stays.
 */
#ifndef HUB_RENEWAL_H
#define HUB_RENEWAL_H

#include <stdbool.h>

struct client;
struct hub_delivery;
struct json_object;

/* A `renew` was answered with head: the client goes on with that session.
 * False: it has ended meanwhile, or may have; nothing changed. */
bool hub_renewal_take(const struct hub_delivery *delivery,
		      struct client *client, const struct json_object *head);

#endif
