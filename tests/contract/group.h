/*
 * group - what tests of groups do: a group of two, whatever somebody does to
 * it, and what somebody sees of it then.
 */
#ifndef GROUP_H
#define GROUP_H

#include "contract.h"

struct store_group_act group_act_of(struct contract *c,
				    enum store_group_event event);
/* Made by that one, with these in it. */
void group_make_of(struct contract *c, const char *owner,
		   const char *const *users, size_t count, char id[ID_SIZE]);
/* Made by ann, with bob in it. */
void group_make(struct contract *c, char id[ID_SIZE]);
enum store_status group_try(struct contract *c, const char *who, const char *id,
			    enum store_group_event event, const char *user,
			    struct store_group_done *done);
/* What the message of an act says; "" when nothing was to be done. */
void group_assert_done(struct contract *c, const char *who, const char *id,
		       enum store_group_event event, const char *user,
		       const char *says);
void group_assert_refused(struct contract *c, const char *who, const char *id,
			  enum store_group_event event, const char *user,
			  enum store_status status);
struct store_conversation group_see(struct contract *c, const char *user,
				    const char *id);
void group_assert_unseen(struct contract *c, const char *user, const char *id);
bool group_is_owner(struct contract *c, const char *user, const char *id);
/* From now on only who they have written to brings them into one. */
void group_contacts_only(struct contract *c, const char *user);
void group_say(struct contract *c, const char *from, const char *id);

#endif
