/*
 * mongo_opening - a conversation that its first message makes: it is planned,
 * which writes nothing, and written once nothing is refused any more. Until
 * its first message has made its step nobody sees it (mongo_schema.c).
 *
 * The members of a support conversation are whose it is, its client, and the
 * server, in whose name all operators read: so they share one read mark, and
 * its list of conversations is theirs.
 */
#ifndef MONGO_OPENING_H
#define MONGO_OPENING_H

#include "mongo_conversation.h"

/* Of these two users. */
void mongo_opening_direct(struct mongo_db *db, const char *user,
			  const char *other, struct mongo_conversation *out);
/* Of that client. False: they have none, being nobody, disabled, an operator or
 * the server. */
bool mongo_opening_support(struct mongo_db *db, const char *client,
			   struct mongo_conversation *out);
/* Of a client who is gone, under that name. */
void mongo_opening_gone(const char *client, const char *title,
			struct mongo_conversation *out);
void mongo_opening_lobby(struct mongo_conversation *out);

/* Its row, with no message; it may be there. position: of what opens it. */
void mongo_opening_write(struct mongo_db *db, struct mongo_conversation *c,
			 const char *position);

#endif
