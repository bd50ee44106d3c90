#include "options.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "mem.h"

#define FILE_LINE_MAX 4096
#define ENV_PREFIX "PALABRE_"

static void *options_slot(const struct option_spec *spec, void *values)
{
	return (char *)values + spec->offset;
}

static const struct option_spec *options_find(const struct option_spec *table,
					      const char *key)
{
	for (; table->key != NULL; table++) {
		if (strcmp(table->key, key) == 0)
			return table;
	}
	return NULL;
}

/* The index of value in "a|b|c", or -1. */
static int choice_index(const char *choices, const char *value)
{
	size_t len = strlen(value);

	for (int index = 0; *choices != '\0'; index++) {
		size_t width = strcspn(choices, "|");

		if (width == len && memcmp(choices, value, len) == 0)
			return index;
		choices += width + (choices[width] == '|');
	}
	return -1;
}

static char *bad_value(const struct option_spec *spec, const char *value,
		       const char *source)
{
	switch (spec->kind) {
	case OPTION_NUMBER:
		return xasprintf("%s: %s = %.80s: expected a number from "
				 "%" PRId64 " to %" PRId64,
				 source, spec->key, value, spec->min,
				 spec->max);
	case OPTION_SWITCH:
		return xasprintf("%s: %s = %.80s: expected on or off", source,
				 spec->key, value);
	case OPTION_CHOICE:
		return xasprintf("%s: %s = %.80s: expected one of %s", source,
				 spec->key, value, spec->choices);
	case OPTION_TEXT:
		break;
	}
	return xasprintf("%s: %s: control characters are not allowed", source,
			 spec->key);
}

static bool set_text(char **text, const char *value)
{
	for (const char *at = value; *at != '\0'; at++) {
		if (iscntrl((unsigned char)*at))
			return false;
	}
	free(*text);
	*text = xstrdup(value);
	return true;
}

static bool set_number(const struct option_spec *spec, int64_t *number,
		       const char *value)
{
	char *end;

	errno = 0;
	long long parsed = strtoll(value, &end, 10);

	if (errno != 0 || end == value || *end != '\0' || parsed < spec->min ||
	    parsed > spec->max)
		return false;
	*number = parsed;
	return true;
}

static bool set_value(const struct option_spec *spec, void *at,
		      const char *value)
{
	int index;

	switch (spec->kind) {
	case OPTION_TEXT:
		return set_text(at, value);
	case OPTION_NUMBER:
		return set_number(spec, at, value);
	case OPTION_SWITCH:
		index = choice_index("off|on", value);
		if (index >= 0)
			*(bool *)at = index == 1;
		return index >= 0;
	case OPTION_CHOICE:
		index = choice_index(spec->choices, value);
		if (index >= 0)
			*(int *)at = index;
		return index >= 0;
	}
	return false;
}

bool options_known(const struct option_spec *table, const char *key)
{
	return options_find(table, key) != NULL;
}

void options_init(const struct option_spec *table, void *values)
{
	for (; table->key != NULL; table++) {
		bool valid = set_value(table, options_slot(table, values),
				       table->preset);
		assert(valid);
		(void)valid;
	}
}

void options_done(const struct option_spec *table, void *values)
{
	for (; table->key != NULL; table++) {
		if (table->kind != OPTION_TEXT)
			continue;
		char **text = options_slot(table, values);

		free(*text);
		*text = NULL;
	}
}

char *options_set(const struct option_spec *table, void *values,
		  const char *key, const char *value, const char *source)
{
	const struct option_spec *spec = options_find(table, key);

	if (spec == NULL)
		return xasprintf("%s: unknown key \"%.80s\"", source, key);
	if (!set_value(spec, options_slot(spec, values), value))
		return bad_value(spec, value, source);
	return NULL;
}

/* Cuts white space off both ends, in place. */
static char *options_trim(char *text)
{
	char *end = text + strlen(text);

	while (isspace((unsigned char)*text))
		text++;
	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	return text;
}

char *options_set_pair(const struct option_spec *table, void *values,
		       const char *pair, const char *source)
{
	char *copy = xstrdup(pair);
	char *equals = strchr(copy, '=');
	char *error;

	if (equals == NULL) {
		error = xasprintf("%s: expected key = value, got \"%.80s\"",
				  source, copy);
	} else {
		*equals = '\0';
		error = options_set(table, values, options_trim(copy),
				    options_trim(equals + 1), source);
	}
	free(copy);
	return error;
}

static char *options_read_line(const struct option_spec *table, void *values,
			       char *line, size_t len, const char *source)
{
	if (len > FILE_LINE_MAX)
		return xasprintf("%s: the line is too long", source);
	if (strlen(line) != len)
		return xasprintf("%s: there is a NUL in it", source);

	char *text = options_trim(line);

	if (*text == '\0' || *text == '#')
		return NULL;
	return options_set_pair(table, values, text, source);
}

char *options_read_file(const struct option_spec *table, void *values,
			const char *path)
{
	char *line = NULL, *error = NULL;
	size_t room = 0;
	ssize_t len;
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return xasprintf("%s: %s", path, strerror(errno));
	for (int number = 1;
	     error == NULL && (len = getline(&line, &room, file)) >= 0;
	     number++) {
		char *source = xasprintf("%s:%d", path, number);

		error = options_read_line(table, values, line, (size_t)len,
					  source);
		free(source);
	}
	if (error == NULL && ferror(file))
		error = xasprintf("%s: %s", path, strerror(errno));
	free(line);
	fclose(file);
	return error;
}

char *options_read_environment(const struct option_spec *table, void *values,
			       char *const *environ)
{
	char *error = NULL;

	for (; error == NULL && *environ != NULL; environ++) {
		if (strncmp(*environ, ENV_PREFIX, strlen(ENV_PREFIX)) != 0)
			continue;
		char *key = xstrdup(*environ + strlen(ENV_PREFIX));
		char *equals = strchr(key, '=');

		if (equals != NULL) {
			*equals = '\0';
			for (char *at = key; *at != '\0'; at++)
				*at = (char)tolower((unsigned char)*at);
			/* Others may use the prefix: unknown is not ours. */
			if (options_find(table, key) != NULL)
				error = options_set(table, values, key,
						    equals + 1, "environment");
		}
		free(key);
	}
	return error;
}

void options_expand(const struct option_spec *table, void *values,
		    const char *dir)
{
	static const char mark[] = "{dir}";
	char *base = xstrdup(dir);

	for (; table->key != NULL; table++) {
		if (table->kind != OPTION_TEXT)
			continue;
		char **text = options_slot(table, values);
		char *at = strstr(*text, mark);

		if (at == NULL)
			continue;
		char *whole = xasprintf("%.*s%s%s", (int)(at - *text), *text,
					base, at + strlen(mark));
		free(*text);
		*text = whole;
	}
	free(base);
}

char *options_get(const struct option_spec *table, const void *values,
		  const char *key)
{
	const struct option_spec *spec = options_find(table, key);

	if (spec == NULL)
		return NULL;
	const void *at = (const char *)values + spec->offset;

	switch (spec->kind) {
	case OPTION_TEXT:
		return xstrdup(*(char *const *)at);
	case OPTION_NUMBER:
		return xasprintf("%" PRId64, *(const int64_t *)at);
	case OPTION_SWITCH:
		return xstrdup(*(const bool *)at ? "on" : "off");
	case OPTION_CHOICE:
		break;
	}
	const char *choice = spec->choices;

	for (int index = *(const int *)at; index > 0; index--)
		choice += strcspn(choice, "|") + 1;
	return xstrndup(choice, strcspn(choice, "|"));
}

void options_print_help(const struct option_spec *table, FILE *out)
{
	for (; table->key != NULL; table++)
		fprintf(out, "  %-24s %s\n  %-24s default: %s\n", table->key,
			table->help, "",
			*table->preset != '\0' ? table->preset : "(empty)");
}

void options_print_sample(const struct option_spec *table, FILE *out)
{
	fputs("# palabre.conf: every setting with its default. Uncomment to "
	      "change.\n",
	      out);
	for (; table->key != NULL; table++)
		fprintf(out, "\n# %s\n#%s = %s\n", table->help, table->key,
			table->preset);
}
