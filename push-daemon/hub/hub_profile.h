/*
 * hub_profile - what a user shows of themselves has changed: who sees them is
 * told so, about once a second at most.
 */
#ifndef HUB_PROFILE_H
#define HUB_PROFILE_H

#include <stdint.h>

struct hub_audience;
struct hub_base;
struct hub_profile;
struct hub_users;

struct hub_profile *hub_profile_new(const struct hub_base *base,
				    struct hub_audience *audience,
				    struct hub_users *users);
void hub_profile_free(struct hub_profile *profile); /* NULL: no-op */

/* last_seen_ms counts while the user is not online. */
void hub_profile_change(struct hub_profile *profile, const char *user_id,
			const char *status_text, int64_t last_seen_ms);
/* The same, as it is, to one who may have missed it; no-op where they see no
 * more of the user, or are not here. */
void hub_profile_tell(struct hub_profile *profile, const char *viewer_id,
		      const char *user_id, const char *status_text,
		      int64_t last_seen_ms);
void hub_profile_tick(struct hub_profile *profile); /* every second */

#endif
