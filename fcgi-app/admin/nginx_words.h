/*
 * nginx_words - what the {words} of the nginx templates stand for: settings,
 * and what follows from them, from this machine and from our tables.
 */
#ifndef NGINX_WORDS_H
#define NGINX_WORDS_H

struct palabre_options;

struct nginx_words {
	const struct palabre_options *options;
	const char *output; /* where nginx.conf will lie; absolute */
};

/* context: a struct nginx_words. NULL: there is no such word; else the caller
 * frees it. */
char *nginx_words_look_up(const char *word, const void *context);

/* The directories of the pages and of the templates. */
const char *nginx_words_pages(const struct palabre_options *options);
const char *nginx_words_templates(const struct palabre_options *options);

#endif
