/*
 * group_input - what a client says about groups, checked. Pure; everything
 * given out is borrowed from the body. What is wrong is code `invalid`.
 */
#ifndef GROUP_INPUT_H
#define GROUP_INPUT_H

#include "ids.h"
#include "message_input.h"
#include "palabre_limits.h"
#include "store.h"

struct group_input {
	const char *title;  /* NULL: not said */
	const char *avatar; /* the same; user_rule_avatar() judges it */
	const char *owner;  /* the same: a user id */
	const char *users[LIMIT_MEMBERS];
	size_t user_count;
};

/* {title, members: [ids], avatar?} */
bool group_input_make(const struct json_object *body, struct group_input *out,
		      struct input_error *error);
/* {title?, avatar?, owner?}, at least one of them. */
bool group_input_change(const struct json_object *body, struct group_input *out,
			struct input_error *error);
/* {userId} or {userIds: [ids]} */
bool group_input_members(const struct json_object *body,
			 struct group_input *out, struct input_error *error);
/* {expiresIn?}: seconds until its end, a year at most; a week at least without.
 * The code is the caller's to set. */
bool group_input_link(const struct json_object *body, int64_t now_ms,
		      struct store_link *out, struct input_error *error);
/* {code} */
bool group_input_join(const struct json_object *body, const char **code,
		      struct input_error *error);

#endif
