/*
 * nginx_errors - what nginx itself refuses, in the words that everything else
 * is refused with: rows of refusals.h as parts of its configuration.
 */
#ifndef NGINX_ERRORS_H
#define NGINX_ERRORS_H

/* Each is the caller's to free. */
char *nginx_errors_statuses(void); /* of error_page */
char *nginx_errors_codes(void);	   /* within map $status */
char *nginx_errors_words(void);	   /* the same */

#endif
