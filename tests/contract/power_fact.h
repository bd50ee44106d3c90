/*
 * power_fact - what a verb of the store promised by STORE_OK, so that it can
 * be asked for again after a power cut.
 */
#ifndef POWER_FACT_H
#define POWER_FACT_H

#include "contract.h"

enum power_fact_kind {
	FACT_USER,
	FACT_SEEN,
	FACT_GUESSES,
	FACT_SESSION,
	FACT_SESSION_ENDED,
	FACT_MESSAGE,
	FACT_MARKS,
	FACT_CHANGE,
};

/* What a verb has promised, and when. */
struct power_fact {
	enum power_fact_kind kind;
	size_t when;  /* power_disk_now() as STORE_OK came */
	size_t until; /* when it was about to be taken back; 0: never */
	char user[ID_SIZE], id[ID_SIZE], conversation[ID_SIZE];
	int64_t number;
	char text[20]; /* a message's clientId */
	size_t len;    /* of its content */
};

/* Does the store keep it? What came later may be there as well. */
bool power_fact_kept(struct store *store, const struct power_fact *fact);

#endif
