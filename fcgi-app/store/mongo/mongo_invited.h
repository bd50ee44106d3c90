/*
 * mongo_invited - whom an act is to bring into a group, all read at once: as
 * many reads as there are people would take longer than a verb may.
 */
#ifndef MONGO_INVITED_H
#define MONGO_INVITED_H

#include "mongo_conversation.h"
#include "store_groups.h"

struct mongo_invitee {
	char id[ID_SIZE];
	bson_t *row;   /* the user's; NULL: there is no such user */
	bool member;   /* of the group */
	bool blocking; /* the viewer */
	bool written;  /* to the viewer; looked up where contacts add only */
};

struct mongo_invited {
	struct mongo_invitee *people; /* by id */
	size_t count;
};

/* Those of the act, of whom some may be there twice. */
void mongo_invited_read(struct mongo_db *db, const struct mongo_conversation *c,
			const struct store_viewer *viewer,
			const struct store_group_act *act,
			struct mongo_invited *out);
void mongo_invited_done(struct mongo_invited *invited);

/* NULL: nothing was read of them. */
struct mongo_invitee *mongo_invited_find(const struct mongo_invited *invited,
					 const char *id);

#endif
