/*
 * user_rules - what the fields of a user may be. Each gives NULL, or what is
 * wrong with it, for people.
 */
#ifndef USER_RULES_H
#define USER_RULES_H

#include <stddef.h>
#include <stdint.h>

/* least: LIMIT_USERNAME_MIN, or 1 for guests. */
const char *user_rule_username(const char *name, size_t least);
const char *user_rule_email(const char *email);
/* What nobody can have as a password, so that it need not be hashed. Of another
 * system they may have a longer one than they could take here. */
const char *user_rule_password(const char *password);
/* least: password_min of the settings. */
const char *user_rule_new_password(const char *password, int64_t least);
const char *user_rule_display_name(const char *name);
const char *user_rule_status_text(const char *text);
/* "", an emoji or a few letters, a file id, or an http(s) URL. */
const char *user_rule_avatar(const char *avatar);
/* Of who is just coming, and has no file yet: those of others are not theirs to
 * show. */
const char *user_rule_first_avatar(const char *avatar);

#endif
