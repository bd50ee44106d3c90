/*
 * store_user_keys - what users are found and told apart by: their names as
 * text_fold(), text_seek() and text_shape() have them, beside how they are
 * written.
 */
#ifndef STORE_USER_KEYS_H
#define STORE_USER_KEYS_H

#include "store_types.h"

/* A name that a user had is theirs for 30 days more; so often a day they may
 * take another one. */
#define STORE_NAME_KEPT_MS (INT64_C(30) * 86400000)
#define STORE_RENAMES_MAX 3
#define STORE_RENAMES_MS INT64_C(86400000)

/* NULL: not given, and nobody's. */
struct user_keys {
	char *name_folded, *name_seek, *name_shape;
	char *email; /* in lower case */
	char *display_seek, *display_shape;
};
void store_user_keys(const char *username, const char *email,
		     const char *display_name, struct user_keys *out);
void store_user_keys_done(struct user_keys *keys);

/* Of a user who is to be added; the email becomes that of the keys. */
void store_user_keys_new(struct store_user *user, struct user_keys *out);

#endif
