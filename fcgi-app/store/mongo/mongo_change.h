/*
 * mongo_change - changes get their numbers, without hole or repeat, each once
 * whoever numbers it (mongo_schema.c has the whole scheme).
 */
#ifndef MONGO_CHANGE_H
#define MONGO_CHANGE_H

#include "mongo_message.h"

/* What is to be numbered. */
struct mongo_numbering {
	char op[ID_SIZE]; /* names it, and is its position unless it is late */
	int64_t seq;	  /* of the message; 0: of an erase */
	enum store_change_kind kind;
	char by[ID_SIZE];
	int64_t at;
	const char *emoji; /* of a reaction; NULL: none */
	bool taken, hidden;
};

/* The number of its change, which is in the store then. 0: the verb failed. */
int64_t mongo_change_number(struct mongo_db *db, const char *conversation,
			    const struct mongo_numbering *what);

/* A message that was read, with what is pending in it done: in, its row; out,
 * the row to go on with, which is either that or in *mended, for
 * bson_destroy() when it answered true. */
bool mongo_change_mend(struct mongo_db *db, const bson_t *row, bson_t *mended);

/* Folded into the message, named by its conversation and seq: its number is
 * written there and nothing is pending any more. */
void mongo_change_settle(struct mongo_db *db, const char *conversation,
			 const struct mongo_numbering *what, int64_t number);

#endif
