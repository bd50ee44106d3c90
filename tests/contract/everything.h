/*
 * everything - something of all that a store can hold.
 */
#ifndef EVERYTHING_H
#define EVERYTHING_H

#include "contract.h"

struct everything {
	struct store_session session;	     /* ann's */
	struct store_link link;		     /* to the group */
	char group[ID_SIZE];		     /* ann's, with bob and cat */
	char email[32];			     /* ann's, and then bob's */
	char file[ID_SIZE];		     /* the message that has one */
	struct contract_place first, second; /* of ann and bob */
	struct contract_place split;	     /* cat's, and bob sees no edit */
};

/* c->cat is a new user then. */
void everything_add(struct contract *c, struct everything *all);
/* Other than it was, and some of it gone. */
void everything_change(struct contract *c, struct everything *all);

/* In a copy that was made just now ann is signed in, what is said again is
 * known, and bob is in the group. */
void everything_goes_on(struct contract *c, struct store *copy,
			const struct everything *all);

/* In the copy the last edit of all->split, which names bob, is cat's alone to
 * see. */
void everything_stays_hidden(struct contract *c, struct store *copy,
			     const struct everything *all);

/* From now on ann shows less of herself. */
void everything_hide(struct contract *c);

void everything_react(struct contract *c, const char *user, const char *message,
		      const char *emoji, bool on);

#define THUMB "\U0001f44d"
#define GRIN "\U0001f600"
#define PARTY "\U0001f389"

#endif
