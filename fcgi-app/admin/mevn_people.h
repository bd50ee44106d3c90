/*
 * mevn_people - who was in the MEVN chat, as accounts: with their ids, times
 * and passwords. What our rules refuse is made acceptable or left out, and
 * noted.
 */
#ifndef MEVN_PEOPLE_H
#define MEVN_PEOPLE_H

#include "admin_import.h"

struct mevn;

struct mevn_person {
	char id[ID_SIZE];
	char *username, *email, *password, *avatar; /* as they were there */
	int64_t created_at, last_seen;
	bool repaired;
	bool erased; /* their account was deleted here */
	char *name;  /* by which they are shown here; NULL: left out */
};

struct mevn_people {
	struct mevn_person *all; /* by id */
	size_t count, cap;
	int64_t added, left_out;
};

/* Reads them. False: it was said why not. */
bool mevn_people_read(struct admin_import *i, struct mevn *old,
		      struct mevn_people *people);
/* Who is there already, by their id, stays as they are. */
void mevn_people_import(struct admin_import *i, struct mevn_people *people);
/* NULL: nobody who is here. */
const char *mevn_people_name(const struct mevn_people *people, const char *id);
/* What they wrote does not come back. */
bool mevn_people_erased(const struct mevn_people *people, const char *id);
void mevn_people_done(struct mevn_people *people);

#endif
