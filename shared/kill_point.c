#include "kill_point.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "mem.h"

static bool parse_count(const char *text, unsigned long *out)
{
	char *end;

	if (*text < '1' || *text > '9')
		return false;
	*out = strtoul(text, &end, 10);
	return *end == '\0';
}

bool kill_rule_parse(const char *text, struct kill_rule *rule)
{
	const char *colon = text != NULL ? strchr(text, ':') : NULL;
	bool good = false;

	*rule = (struct kill_rule){0};
	if (colon == NULL || colon == text)
		return false;
	if (colon[1] == '@')
		good = parse_count(colon + 2, &rule->at);
	else if (strncmp(colon + 1, "1/", 2) == 0)
		good = parse_count(colon + 3, &rule->one_in);
	if (!good)
		return false;
	rule->name = text;
	rule->name_len = (int)(colon - text);
	return true;
}

bool kill_rule_fires(struct kill_rule *rule, const char *name,
		     unsigned long dice)
{
	size_t len = (size_t)rule->name_len;

	if (rule->name == NULL || strncmp(rule->name, name, len) != 0 ||
	    name[len] != '\0')
		return false;
	rule->passed++;
	if (rule->one_in > 0)
		return dice % rule->one_in == 0;
	return rule->passed == rule->at;
}

void kill_point(const char *name)
{
	/* Process-wide on purpose: it is the process that is killed. */
	static struct {
		const char *variable;
		int number;
		struct kill_rule rule;
	} rules[] = {
		{"PALABRE_TEST_KILL", SIGKILL, {0}},
		{"PALABRE_TEST_STOP", SIGSTOP, {0}},
	};
	static bool parsed;
	unsigned long dice = 0;

	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		if (!parsed)
			kill_rule_parse(getenv(rules[i].variable),
					&rules[i].rule);
		if (rules[i].rule.name != NULL &&
		    getrandom(&dice, sizeof(dice), 0) ==
			    (ssize_t)sizeof(dice) &&
		    kill_rule_fires(&rules[i].rule, name, dice))
			raise(rules[i].number);
	}
	parsed = true;
}
