/*
 * nginx_errors - what nginx itself refuses, in the words that everything else
 * is refused with: rows of refusals.h as parts of its configuration.
 */
#ifndef NGINX_ERRORS_H
#define NGINX_ERRORS_H

/* Each is the caller's to free. */
char *nginx_errors_statuses(void); /* of error_page */
/* Within a map of the status, with " late" behind it where a write may have
 * been done, " full" where there was no room for the body. */
char *nginx_errors_codes(void);
char *nginx_errors_words(void);

#endif
