/*
 * store_groups - what happens to a group: it is made, changed, joined and left.
 *
 * Each act is one message of kind system that says so, with the next seq;
 * whoever comes by it sees the group from there on. Any member may add people;
 * only an owner changes title and picture, removes, and hands over. When the
 * last owner leaves, whoever has been there longest is the owner; who is
 * disabled, only where all are. Who comes where nobody is left is the owner.
 */
#ifndef STORE_GROUPS_H
#define STORE_GROUPS_H

#include <string.h>

#include "store_base.h"
#include "store_conversations.h"

struct store_group_act {
	enum store_group_event event;
	const char *title, *avatar; /* MADE, TITLE, PICTURE */
	/* MADE, ADDED, or the one who is REMOVED or OWNER from now on. */
	const char *const *users;
	size_t user_count;
	const char *actor_name; /* as the message has its sender */
	int64_t members_max;	/* at most LIMIT_MEMBERS; 0: that many */
	int64_t now_ms;
};

struct store_group_done {
	struct store_message message; /* seq 0: nothing was to be done */
	char (*joined)[ID_SIZE];      /* who is a member from now on */
	size_t joined_count;
	char left[ID_SIZE];    /* who is none any more; "": nobody */
	char heir[ID_SIZE];    /* LEFT: a member who is left; "": nobody */
	char refused[ID_SIZE]; /* when it failed for a user: which */
};
void store_group_done_free(struct store_group_done *done);

struct store_link {
	char code[STORE_LINK_SIZE];
	int64_t expires_at;
	bool at_least; /* asked for: one that lives may end later */
};

/* Who is in a group, owners first, then by name. */
struct store_members {
	const char *text;  /* as store_user_query has it; NULL or "": all */
	const char *after; /* the id of a user: those behind them; NULL: from
			    * the first on */
	size_t limit;
};

struct store_members_found {
	bool owner;    /* the viewer is one */
	int64_t total; /* of all pages */
};

typedef void store_each_member(const struct store_user *user,
			       const struct store_member *member,
			       void *context);

struct store_group_verbs {
	enum store_status (*make)(struct store *, const struct store_viewer *,
				  const struct store_group_act *,
				  struct store_group_done *);
	enum store_status (*act)(struct store *, const struct store_viewer *,
				 const char *id, const struct store_group_act *,
				 struct store_group_done *);
	enum store_status (*join)(struct store *, const struct store_viewer *,
				  const char *code,
				  const struct store_group_act *,
				  struct store_group_done *);
	enum store_status (*link_make)(struct store *,
				       const struct store_viewer *,
				       const char *id, struct store_link *,
				       int64_t now_ms);
	enum store_status (*link_end)(struct store *,
				      const struct store_viewer *,
				      const char *id);
	enum store_status (*newcomers)(struct store *, const char *id,
				       int64_t seq, char (**out)[ID_SIZE],
				       size_t *count);
	enum store_status (*members)(struct store *,
				     const struct store_viewer *,
				     const char *id,
				     const struct store_members *,
				     store_each_member *, void *,
				     struct store_members_found *);
};

/* A group of the viewer, its owner, and the users. NOT_FOUND: no such user, or
 * a guest or disabled one, or a picture that is a file which the viewer may not
 * read; NO_PICTURE; DECLINED: who lets only contacts add them; FULL: of more
 * than members_max. done->refused says who. */
static inline enum store_status
store_group_make(struct store *store, const struct store_viewer *viewer,
		 const struct store_group_act *act,
		 struct store_group_done *done)
{
	*done = (struct store_group_done){.joined_count = 0};
	return store->groups->make(store, viewer, act, done);
}

/* All but MADE and JOINED. NOT_FOUND also for who is no member of it, and for
 * who is disabled, as OWNER; FORBIDDEN: for owners only. Who is a member
 * already is not added again. */
static inline enum store_status
store_group_act(struct store *store, const struct store_viewer *viewer,
		const char *id, const struct store_group_act *act,
		struct store_group_done *done)
{
	*done = (struct store_group_done){.joined_count = 0};
	return store->groups->act(store, viewer, id, act, done);
}

/* The group that this was done to, for actor, or as the heir of actor sees it,
 * who left. NOT_FOUND: there is none, or somebody else has put actor out. */
static inline enum store_status
store_group_seen(struct store *store, const struct store_viewer *actor,
		 const struct store_group_done *done,
		 struct store_conversation *out)
{
	const struct store_viewer heir = {done->heir, ROLE_USER};
	const char *id = done->message.conversation;

	if (strcmp(done->left, actor->id) != 0)
		return store_conversation_get(store, actor, id, out);
	if (heir.id[0] == '\0')
		return STORE_NOT_FOUND;
	return store_conversation_get(store, &heir, id, out);
}

/* By a link. NOT_FOUND, EXPIRED (at act->now_ms), REVOKED, FULL. A member
 * already: OK, and nothing was to be done; message.conversation says which. */
static inline enum store_status
store_group_join(struct store *store, const struct store_viewer *viewer,
		 const char *code, const struct store_group_act *act,
		 struct store_group_done *done)
{
	*done = (struct store_group_done){.joined_count = 0};
	return store->groups->join(store, viewer, code, act, done);
}

/* In: a new code, and when it ends. Gives the one that there is, unless it has
 * ended by now_ms, with that end. Owners only (FORBIDDEN). */
static inline enum store_status
store_link_make(struct store *store, const struct store_viewer *viewer,
		const char *id, struct store_link *link, int64_t now_ms)
{
	return store->groups->link_make(store, viewer, id, link, now_ms);
}

/* Revokes it; OK also when there is none. Owners only. */
static inline enum store_status
store_link_end(struct store *store, const struct store_viewer *viewer,
	       const char *id)
{
	return store->groups->link_end(store, viewer, id);
}

/* Who is a member since this seq; the caller frees *out. */
static inline enum store_status
store_group_newcomers(struct store *store, const char *id, int64_t seq,
		      char (**out)[ID_SIZE], size_t *count)
{
	*out = NULL;
	*count = 0;
	return store->groups->newcomers(store, id, seq, out, count);
}

/* Of users what everyone may see; of who is gone nothing. NOT_FOUND: no group
 * of the viewer's. */
static inline enum store_status
store_group_members(struct store *store, const struct store_viewer *viewer,
		    const char *id, const struct store_members *asked,
		    store_each_member *each, void *context,
		    struct store_members_found *found)
{
	*found = (struct store_members_found){.total = 0};
	return store->groups->members(store, viewer, id, asked, each, context,
				      found);
}

#endif
