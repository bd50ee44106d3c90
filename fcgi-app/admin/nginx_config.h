/*
 * nginx_config - renders the templates of nginx/ from the settings.
 */
#ifndef NGINX_CONFIG_H
#define NGINX_CONFIG_H

struct buf;
struct palabre_options;

/*
 * Append template to out with every {word} of lower-case letters and
 * underscores replaced by what look_up() gives (it is freed here). NULL, or
 * one line naming the first word that has no value (the caller frees it).
 */
typedef char *nginx_config_look_up(const char *word, const void *context);
char *nginx_config_render(const char *template, nginx_config_look_up *look_up,
			  const void *context, struct buf *out);

/* `nginx-config --output DIR`: words end with NULL. The exit status. */
int nginx_config_main(const struct palabre_options *options, char **words);

#endif
