/*
 * store_import - what people wrote in a system that Palabre takes the place of,
 * as it was: who, when, how far it was read. Nobody is told of it as of news.
 */
#ifndef STORE_IMPORT_H
#define STORE_IMPORT_H

#include "store_base.h"

struct store_import_message {
	/* In: id ("": one of its moment), sender, sender_name, kind, content,
	 * client_id, created_at, edited, deleted. */
	struct store_message message;
	const char *file;    /* that it names, by id; NULL: none */
	bool received, read; /* by whom it was written to */
};

/* Messages of one conversation, the oldest first. */
struct store_import {
	const char *user;  /* of the two, or whose support conversation */
	const char *other; /* the other one, or ID_SERVER */
	const char *title; /* of a support conversation: its client's name */
	const struct store_import_message *messages;
	size_t count;
	int64_t now_ms;
};

struct store_import_verbs {
	enum store_status (*messages)(struct store *,
				      const struct store_import *,
				      size_t *added);
	enum store_status (*has)(struct store *, const char *conversation,
				 const char *sender, const char *client_id,
				 bool *has);
};

/* Behind what is in the conversation, which is made where there is none; the
 * two need not be there any more. What is there already, by its id or its
 * clientId, is passed over, so that an import that broke off is done again, and
 * so is what somebody wrote who was erased (store_erase.h). An id that would
 * not be behind those before it becomes another one, so only a clientId is
 * known again for sure. */
static inline enum store_status
store_import_messages(struct store *store, const struct store_import *import,
		      size_t *added)
{
	*added = 0;
	return store->import->messages(store, import, added);
}

/* Is that message there? */
static inline enum store_status
store_import_has(struct store *store, const char *conversation,
		 const char *sender, const char *client_id, bool *has)
{
	*has = false;
	return store->import->has(store, conversation, sender, client_id, has);
}

#endif
