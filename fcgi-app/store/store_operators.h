/*
 * store_operators - what operators look at and do, each with its row in the
 * audit, which is only ever added to; and the addresses that they have blocked.
 * What is shown to operators (store_reports.h) has a row there, too.
 */
#ifndef STORE_OPERATORS_H
#define STORE_OPERATORS_H

#include "store_conversations.h"

/* Their words, which are on disk, are in store_operators.c. */
enum store_act {
	ACT_CLIENTS,  /* looked at who wrote to support ... */
	ACT_MESSAGES, /* ... at what one of them wrote ... */
	ACT_AUDIT,    /* ... or at the audit */
	ACT_KICK,     /* ended all sessions of a user */
	ACT_MUTE,     /* a user writes nothing until then; 0: again */
	ACT_UNLOCK,   /* forgot the wrong passwords at an account */
	ACT_BLOCK,    /* of a network nobody may do anything until then */
	ACT_UNBLOCK,
	ACT_BROADCAST, /* said something to all who were here */
	ACT_SERVER,    /* changed what the server shows of itself */
	ACT_TOKEN,     /* palabrectl signed in as a user */
	ACT_REPORT,    /* somebody else: reported what a user wrote ... */
	ACT_REPORTS,   /* ... and an operator looked at what was reported */
};

struct store_deed {
	enum store_act act;
	const char *user; /* whom it is about; NULL: nobody */
	int64_t until;
	const char *detail; /* a network, a text; NULL: none */
	int64_t now_ms;
};

struct store_audit {
	char id[ID_SIZE], by[ID_SIZE];
	char user[ID_SIZE];		 /* "": about nobody */
	const char *by_name, *user_name; /* as it is now; NULL: gone */
	const char *act, *detail;	 /* "" for no detail */
	int64_t until, at;
};
/* False: no more of them. */
typedef bool store_each_audit(const struct store_audit *row, void *context);

struct store_address_block {
	const char *network;
	char by[ID_SIZE];
	int64_t until, at;
};
typedef void store_each_address_block(const struct store_address_block *block,
				      void *context);

struct store_operator_verbs {
	enum store_status (*act)(struct store *, const struct store_viewer *,
				 const struct store_deed *);
	enum store_status (*audit)(struct store *, const struct store_list *,
				   store_each_audit *, void *);
	enum store_status (*addresses)(struct store *, int64_t now_ms,
				       size_t limit, store_each_address_block *,
				       void *);
};

/* Does it and adds its row, or neither. NOT_FOUND: no such user, or network
 * that is blocked. FORBIDDEN: the viewer is no operator, or it is done to one.
 * Acts that change nothing here are only written down. Not for ACT_REPORT. */
static inline enum store_status
store_operator_act(struct store *store, const struct store_viewer *viewer,
		   const struct store_deed *deed)
{
	return store->operators->act(store, viewer, deed);
}

/* Newest first; list->before: a row of it. */
static inline enum store_status store_audit(struct store *store,
					    const struct store_list *list,
					    store_each_audit *each,
					    void *context)
{
	return store->operators->audit(store, list, each, context);
}

/* Those that last at now_ms, the latest to end first. */
static inline enum store_status
store_address_blocks(struct store *store, int64_t now_ms, size_t limit,
		     store_each_address_block *each, void *context)
{
	return store->operators->addresses(store, now_ms, limit, each, context);
}

const char *store_act_name(enum store_act act);

#endif
