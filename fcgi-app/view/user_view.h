/*
 * user_view - a user as JSON.
 */
#ifndef USER_VIEW_H
#define USER_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;
struct json_text;
struct store_user;

/* What everyone may see. Returns where in text their presence stands, for
 * user_view_set_online(). */
size_t user_view_write(struct json_text *text, const char *key,
		       const struct store_user *user, bool online);
void user_view_set_online(struct json_text *text, size_t at);

/* The same alone, a json_raw(). The caller frees it. */
struct json_object *user_view(const struct store_user *user, bool online);

/* What the user alone sees: also the email. */
struct json_object *user_view_own(const struct store_user *user, bool online);

/* Never seen yet: since they are here, not since 1970. */
int64_t user_view_last_seen(const struct store_user *user);

#endif
