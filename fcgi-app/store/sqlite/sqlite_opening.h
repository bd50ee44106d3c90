/*
 * sqlite_opening - a conversation that its first message makes: it is planned,
 * which writes nothing, and written once nothing is refused any more.
 *
 * The members of a support conversation are whose it is, its client, and the
 * server, in whose name all operators read: so they share one read mark, and
 * its list of conversations is theirs.
 */
#ifndef SQLITE_OPENING_H
#define SQLITE_OPENING_H

#include "sqlite_columns.h"

/* Of these two users. */
void sqlite_opening_direct(const char *user, const char *other,
			   struct sqlite_conversation *out);
/* Of that client. False: they have none, being nobody, disabled, an operator or
 * the server. */
bool sqlite_opening_support(struct sqlite_db *db, const char *client,
			    struct sqlite_conversation *out);
void sqlite_opening_lobby(struct sqlite_conversation *out);
/* client: of a support conversation. position: of what opens it. */
void sqlite_opening_write(struct sqlite_db *db, struct sqlite_conversation *c,
			  const char *client, const char *position);

/* The number of a conversation that is not there yet. */
int64_t sqlite_opening_next(struct sqlite_db *db);

/* Whose support conversation that is. */
void sqlite_support_client(struct sqlite_db *db,
			   const struct sqlite_conversation *c,
			   char out[ID_SIZE]);

/* Where it stands in what operators see: by its newest message. */
void sqlite_support_newest(struct sqlite_db *db, const char *conversation,
			   const char *message);

#endif
