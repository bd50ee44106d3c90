#include "user_rules.h"

#include <stdlib.h>
#include <string.h>

#include "ids.h"
#include "palabre_limits.h"
#include "text.h"

/* A code point has at most four. */
#define PASSWORD_BYTES (4 * LIMIT_PASSWORD)
#define PASSWORD_TOO_LONG "A password has at most 128 characters."

static bool user_rule_is_blank(const char *text)
{
	char *trimmed = text_trim(text);
	bool blank = trimmed[0] == '\0';

	free(trimmed);
	return blank;
}

/* Joiners and fillers that no font shows do not make a name: folding drops
 * them, too. */
static bool is_visible(const char *name, size_t least)
{
	char *folded = text_fold(name);
	char *trimmed = text_trim(folded);
	bool visible = text_length(trimmed) >= least;

	free(trimmed);
	free(folded);
	return visible;
}

/* In any width: signing in tells an email address from a name by it. */
static bool has_at(const char *name)
{
	char *folded = text_fold(name);
	bool found = strchr(folded, '@') != NULL;

	free(folded);
	return found;
}

const char *user_rule_username(const char *name, size_t least)
{
	size_t length = text_length(name);

	if (length < least || length > LIMIT_USERNAME)
		return least > 1 ? "A name has 3 to 32 characters."
				 : "A name has 1 to 32 characters.";
	if (text_has_space(name) || text_has_control(name) ||
	    !is_visible(name, least))
		return "A name has no spaces and no invisible characters.";
	if (has_at(name))
		return "A name has no @.";
	return NULL;
}

const char *user_rule_email(const char *email)
{
	const char *at = strchr(email, '@');

	if (at == NULL || at == email || at[1] == '\0' ||
	    strchr(at + 1, '@') != NULL || strlen(email) > LIMIT_EMAIL ||
	    text_has_space(email) || text_has_control(email))
		return "This is not an email address.";
	return NULL;
}

const char *user_rule_password(const char *password)
{
	return password[0] == '\0' || strlen(password) > PASSWORD_BYTES
		       ? PASSWORD_TOO_LONG
		       : NULL;
}

const char *user_rule_new_password(const char *password, int64_t least)
{
	char *composed;
	bool is_short;

	if (text_length(password) > LIMIT_PASSWORD)
		return PASSWORD_TOO_LONG;
	composed = text_compose(password);
	is_short = text_length(composed) < (size_t)least;
	free(composed);
	return is_short ? "This password is too short." : NULL;
}

const char *user_rule_display_name(const char *name)
{
	if (text_length(name) > LIMIT_DISPLAY_NAME)
		return "A display name has at most 64 characters.";
	if (text_has_control(name) ||
	    (!user_rule_is_blank(name) && !is_visible(name, 1)))
		return "A display name has no invisible characters.";
	return NULL;
}

const char *user_rule_status_text(const char *text)
{
	if (text_length(text) > LIMIT_STATUS_TEXT)
		return "A status has at most 140 characters.";
	if (text_has_control(text))
		return "A status has no invisible characters.";
	return NULL;
}

const char *user_rule_avatar(const char *avatar)
{
	if (strlen(avatar) > LIMIT_AVATAR || text_has_control(avatar) ||
	    text_has_space(avatar))
		return "This is not an avatar.";
	/* No javascript:, no data: */
	if (strchr(avatar, ':') != NULL &&
	    strncmp(avatar, "https://", 8) != 0 &&
	    strncmp(avatar, "http://", 7) != 0)
		return "An avatar's address begins with https://.";
	return NULL;
}

const char *user_rule_first_avatar(const char *avatar)
{
	return id_valid(avatar) ? "There is no such file."
				: user_rule_avatar(avatar);
}
