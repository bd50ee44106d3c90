/*
 * user_view - a user as JSON.
 */
#ifndef USER_VIEW_H
#define USER_VIEW_H

#include <stdbool.h>
#include <stdint.h>

struct json_object;
struct store_user;

/* What everyone may see. The caller frees it. */
struct json_object *user_view(const struct store_user *user, bool online);

/* What he himself sees: also the email. */
struct json_object *user_view_own(const struct store_user *user, bool online);

/* Never seen yet: since he is here, not since 1970. */
int64_t user_view_last_seen(const struct store_user *user);

#endif
