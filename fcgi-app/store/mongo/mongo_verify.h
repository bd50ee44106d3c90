/*
 * mongo_verify - are the messages and changes of a conversation as they should
 * be? Each is looked at by itself, and beside those before it: first all of
 * its messages in the order of their seq, then all of its changes.
 */
#ifndef MONGO_VERIFY_H
#define MONGO_VERIFY_H

#include "mongo_conversation.h"
#include "store_backend.h"

struct mongo_verify {
	struct mongo_db *db;
	store_each_problem *problem;
	void *context;
};

/* What is wrong; conversation: "" for none. */
void mongo_verify_say(const struct mongo_verify *v, const char *conversation,
		      const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* What is remembered of a message until the end of its conversation. */
struct mongo_verified {
	char id[ID_SIZE];
	int64_t seq, edited, deleted;
	char *client; /* sender and clientId, of malloc(); NULL: none */
};

struct mongo_verify_in {
	struct mongo_conversation c;
	const bson_t *row;	     /* its own */
	struct mongo_verified *seen; /* of malloc() */
	size_t count, cap;
	int64_t hidden[2]; /* from the one with the smaller id, the other */
	int64_t newest_change;
};

void mongo_verify_message(const struct mongo_verify *v,
			  struct mongo_verify_in *k, const bson_t *row);
void mongo_verify_change(const struct mongo_verify *v,
			 struct mongo_verify_in *k, const bson_t *row);

#endif
