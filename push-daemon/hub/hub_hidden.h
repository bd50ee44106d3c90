/*
 * hub_hidden - whom a user does not see, as the store has it, where a HIDE
 * frame may have been missed: what is otherwise here is put right, and told.
 */
#ifndef HUB_HIDDEN_H
#define HUB_HIDDEN_H

struct hub_presence;
struct json_object;
struct user;

/* ids: all of them; NULL: nobody. */
void hub_hidden_renew(struct hub_presence *presence, struct user *user,
		      const struct json_object *ids);

#endif
