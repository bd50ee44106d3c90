/*
 * store_owner - root leaves what it is before it opens a store: what SQLite
 * makes beside the file is then the owner's, and nothing that a program put
 * there leads root elsewhere.
 */
#ifndef STORE_OWNER_H
#define STORE_OWNER_H

struct palabre_options;

/* Become the owner of the store's file for good, if we are root and it is not
 * root's; of key_file where the store is none, for whoever serves it has that;
 * of its directory where there is no such file. NULL, or one line for the
 * operator that the caller frees. */
char *store_owner_become(const struct palabre_options *options);

/* The same until store_owner_return(), which makes us root again where we were:
 * for who also needs a file of root's. */
char *store_owner_borrow(const struct palabre_options *options);
void store_owner_return(void);

#endif
