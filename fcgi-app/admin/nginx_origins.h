/*
 * nginx_origins - the allowed origins as one expression for nginx: each with
 * or without the port that is its scheme's own.
 */
#ifndef NGINX_ORIGINS_H
#define NGINX_ORIGINS_H

/* allowed: with blanks between. Alternatives, "" for none; the caller frees
 * them. */
char *nginx_origins(const char *allowed);

#endif
