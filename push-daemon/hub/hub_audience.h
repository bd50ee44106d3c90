/*
 * hub_audience - who hears of something: those who see a user, or those who
 * are in some rooms. Every READY client among them is visited once, however
 * many reasons it has to hear of it, and may go while it is.
 */
#ifndef HUB_AUDIENCE_H
#define HUB_AUDIENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "client.h"

struct hub_audience;
struct hub_base;
struct hub_clients;
struct hub_rooms;
struct hub_users;

struct hub_audience *hub_audience_new(const struct hub_base *base,
				      struct hub_clients *clients,
				      struct hub_users *users,
				      struct hub_rooms *rooms);
void hub_audience_free(struct hub_audience *audience); /* NULL: no-op */

/* So few are online that everyone sees everyone: all but guests, who see their
 * contacts and whom they watch, and are seen by theirs. */
bool hub_audience_is_everyone(const struct hub_audience *audience);

struct hub_seen {
	const char *user_id;
	bool by_everyone;  /* also when many are online */
	bool by_operators; /* also of guests */
	bool but_not_self; /* not by the user's own clients */
};

/* Who sees a user: their own clients, those of their contacts, who watches
 * them; everyone where that is few, or operators, who have a list of all. The
 * server is seen by all, guests too. But nobody sees whom they are hidden from.
 */
void hub_audience_of_user(struct hub_audience *audience,
			  const struct hub_seen *seen, client_visit *visit,
			  void *context);

/* except: users whose clients are passed over, their ids one behind the other;
 * NULL: none. */
void hub_audience_of_rooms(struct hub_audience *audience,
			   const char *const *rooms, size_t count,
			   const char *except, client_visit *visit,
			   void *context);
/* Is the user one of them? */
bool hub_audience_excepts(const char *except, const char *user_id);

#endif
