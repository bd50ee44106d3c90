/* What people say of themselves: what is taken keeps every limit, and what is
 * made of it stays as it is when it is made again. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common_passwords.h"
#include "mem.h"
#include "palabre_limits.h"
#include "text.h"
#include "user_rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same(const char *text, char *(*change)(const char *text))
{
	char *once = change(text);
	char *twice = change(once);

	assert(text_valid(once, strlen(once)));
	assert(strcmp(once, twice) == 0);
	free(once);
	free(twice);
}

static void check_username(const char *name)
{
	char *folded;

	if (user_rule_username(name, LIMIT_USERNAME_MIN) != NULL)
		return;
	folded = text_fold(name);
	assert(text_length(name) <= LIMIT_USERNAME && folded[0] != '\0');
	assert(!text_has_control(name) && !text_has_space(name));
	assert(strchr(folded, '@') == NULL);
	free(folded);
}

static void check_rest(const char *text)
{
	if (user_rule_email(text) == NULL)
		assert(strlen(text) <= LIMIT_EMAIL && strchr(text, '@'));
	if (user_rule_avatar(text) == NULL)
		assert(strncasecmp(text, "javascript:", 11) != 0);
	if (user_rule_display_name(text) == NULL)
		assert(text_length(text) <= LIMIT_DISPLAY_NAME);
	if (user_rule_status_text(text) == NULL)
		assert(text_length(text) <= LIMIT_STATUS_TEXT);
	char *composed = text_compose(text);

	if (user_rule_new_password(text, LIMIT_PASSWORD_MIN) == NULL)
		assert(text_length(composed) >= LIMIT_PASSWORD_MIN);
	free(composed);
	common_passwords_has(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	/* JSON and addresses that are none were refused before. */
	if (!text_valid((const char *)data, size))
		return 0;
	text = xstrndup((const char *)data, size);
	check_same(text, text_fold);
	check_same(text, text_lower);
	check_same(text, text_trim);
	check_username(text);
	check_rest(text);
	free(text);
	return 0;
}
