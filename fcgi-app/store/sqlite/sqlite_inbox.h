/*
 * sqlite_inbox - conversations with all that their list shows of them, read
 * with one statement for all, and one more for each of which the user has
 * marks or a draft of their own; the one with the newest message comes first.
 */
#ifndef SQLITE_INBOX_H
#define SQLITE_INBOX_H

#include "sqlite_columns.h"
#include "store_conversations.h"

struct sqlite_listed {
	/* Of the newest message that they see, of its making where there is
	 * none. */
	char position[ID_SIZE];
	/* Of a list without `made` where there is a message, of a brief one
	 * also without `hidden`. */
	struct sqlite_conversation c;
	/* The rest only if it is asked for. */
	struct store_own own;
	char *title, *avatar;
	struct store_user other;   /* of a direct one; id "": nobody */
	struct store_message last; /* that they see; id "": none */
};

struct sqlite_inbox {
	struct sqlite_listed *listed;
	size_t count, cap;
	struct sqlite_listed **order; /* the newest first; NULL: one alone */
	struct sqlite_texts *texts;   /* theirs */
};

/* What list asks for of a user's. */
void sqlite_inbox_read(struct sqlite_db *db, const char *user,
		       const struct store_list *list, struct sqlite_inbox *out);
/* All of one, which need not be the user's; it may not be there. */
void sqlite_inbox_get(struct sqlite_db *db, const char *user, const char *id,
		      struct sqlite_inbox *out);
void sqlite_inbox_done(struct sqlite_inbox *inbox);

#endif
