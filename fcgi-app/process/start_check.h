/*
 * start_check - what has to be right before workers are started: the key file
 * (made when missing) and the store (created, migrated).
 */
#ifndef START_CHECK_H
#define START_CHECK_H

struct palabre_options;

/* NULL, or one line naming the part (the caller frees it). Leaves nothing
 * open that a fork could carry on. */
char *start_check(const struct palabre_options *options);

/* The same of settings that were read again: a key file has to be there, and
 * the store that is served already is left as it is, be it down or gone. */
char *start_check_again(const struct palabre_options *options,
			const struct palabre_options *before);

/* Once all workers have gone: the store is left (store_leave()). As above. */
char *start_check_end(const struct palabre_options *options);

#endif
