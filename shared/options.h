/*
 * options - one table of settings gives the parser of `key = value` files,
 * the defaults, --help, the commented sample and the environment names.
 *
 * Later sources win: default, file, environment (PALABRE_KEY), command line.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum option_kind {
	OPTION_TEXT,   /* char *, freed by options_done() */
	OPTION_NUMBER, /* int64_t between min and max */
	OPTION_SWITCH, /* bool: on, off */
	OPTION_CHOICE, /* int: index into choices, "a|b|c" */
};

struct option_spec {
	const char *key;
	enum option_kind kind;
	size_t offset;	    /* of the value in the values struct */
	const char *preset; /* as text; "{dir}" becomes the value of `dir` */
	const char *choices;
	int64_t min, max;
	const char *help; /* one line, for --help and the sample */
};

/* A table ends with a key of NULL. values points to the struct the offsets
 * are of, zeroed before options_init(). */
void options_init(const struct option_spec *table, void *values);
void options_done(const struct option_spec *table, void *values);

bool options_known(const struct option_spec *table, const char *key);

/*
 * Each gives NULL, or one clear line for the operator, which the caller
 * frees. source names the origin in that line.
 */
char *options_set(const struct option_spec *table, void *values,
		  const char *key, const char *value, const char *source);
/* "key=value" or "key = value" */
char *options_set_pair(const struct option_spec *table, void *values,
		       const char *pair, const char *source);
char *options_read_file(const struct option_spec *table, void *values,
			const char *path);
char *options_read_environment(const struct option_spec *table, void *values,
			       char *const *environ);

/* Once, after all sources: "{dir}" in every text becomes dir. */
void options_expand(const struct option_spec *table, void *values,
		    const char *dir);

/* The value as text; the caller frees it. NULL: no such key. */
char *options_get(const struct option_spec *table, const void *values,
		  const char *key);

void options_print_help(const struct option_spec *table, FILE *out);
void options_print_sample(const struct option_spec *table, FILE *out);

#endif
