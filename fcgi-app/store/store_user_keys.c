#include "store_user_keys.h"

#include <stdlib.h>

#include "mem.h"
#include "text.h"

void store_user_keys(const char *username, const char *email,
		     const char *display_name, struct user_keys *out)
{
	*out = (struct user_keys){0};
	if (username != NULL) {
		out->name_folded = text_fold(username);
		out->name_seek = text_seek(username);
		out->name_shape = text_shape(username);
	}
	if (email != NULL)
		out->email = text_lower(email);
	if (display_name != NULL) {
		out->display_seek = text_seek(display_name);
		out->display_shape = text_shape(display_name);
	}
}

void store_user_keys_done(struct user_keys *keys)
{
	free(keys->name_folded);
	free(keys->name_seek);
	free(keys->name_shape);
	free(keys->email);
	free(keys->display_seek);
	free(keys->display_shape);
}

void store_user_keys_new(struct store_user *user, struct user_keys *out)
{
	store_user_keys(user->username, user->email,
			user->display_name != NULL ? user->display_name : "",
			out);
	if (user->email != NULL) {
		free(user->email);
		user->email = xstrdup(out->email);
	}
}
