/*
 * store_grouping - one act in a group: who may do it, to whom, and what it is
 * to change, which is decided here for every backend. A backend finds the
 * group, answers what is asked of it meanwhile, and writes what was planned.
 */
#ifndef STORE_GROUPING_H
#define STORE_GROUPING_H

#include "store_groups.h"
#include "store_rules.h"
#include "store_system.h"

/* What is to be written beside the act's message; "" and NULL: nothing. Who
 * joins is in out->joined. */
struct store_group_plan {
	char drop[ID_SIZE], owner[ID_SIZE], disown[ID_SIZE];
	const char *title, *avatar;
};

/* A backend embeds this as its first member. */
struct store_grouping {
	const struct store_grouping_reads *reads;
	const struct store_viewer *viewer;
	const struct store_group_act *act; /* NULL: of a link */
	struct store_member me;		   /* before; all zeros: no member */
	int64_t members;		   /* with whom joins by it */
	struct store_group_plan plan;
	struct store_system system;
	struct store_group_done *out; /* NULL: of a link */
};

/* What a backend is asked, of the group that it has found. */
struct store_grouping_reads {
	/* Each of the act's users is about to be asked for; NULL: nothing is
	 * won by knowing that. */
	void (*ahead)(struct store_grouping *);
	/* False: there is no such user, and out stays as it is. */
	bool (*user)(struct store_grouping *, const char *id,
		     struct store_user *);
	bool (*is_member)(struct store_grouping *, const char *user);
	/* Has that user written to the viewer, who is another one? */
	bool (*has_written)(struct store_grouping *, const char *user);
	bool (*is_blocking)(struct store_grouping *, const char *user);
	/* May the viewer show the picture that the act names? NOT_FOUND: they
	 * may not read it; NO_PICTURE. */
	enum store_status (*may_show)(struct store_grouping *);
	/* Has it the act's title, or its picture, already? */
	bool (*has_title)(struct store_grouping *);
	bool (*has_avatar)(struct store_grouping *);
	/* Of who is left without the viewer: if nobody of them is the owner,
	 * whoever has been there longest, of those who are not disabled if
	 * there are any; and any one. "": nobody. */
	void (*heirs)(struct store_grouping *, char longest[ID_SIZE],
		      char any[ID_SIZE]);
};

/* FORBIDDEN, or as of the verbs of groups; REUSED: nothing was to be done. On
 * OK there are the plan and *content, of the act's message, which the caller
 * frees. */
enum store_status store_grouping_decide(struct store_grouping *g,
					char **content);

/* The act's message has not been read by its sender before. */
static inline bool store_grouping_passes(const struct store_grouping *g,
					 int64_t last_seq)
{
	return g->me.joined_seq > 0 && store_send_passes(&g->me, last_seq);
}

/* What is answered of the message, whose id is there already. Takes content. */
void store_grouping_said(struct store_grouping *g, const char *conversation,
			 int64_t seq, char *content);

/* It has failed: nothing is left in it but whom it was refused for. */
void store_grouping_failed(struct store_group_done *out);

#endif
