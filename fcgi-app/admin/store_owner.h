/*
 * store_owner - root leaves what it is before it opens a store: what SQLite
 * makes beside the file is then the owner's, and nothing that a program put
 * there leads root elsewhere.
 */
#ifndef STORE_OWNER_H
#define STORE_OWNER_H

/* Become the owner of the file that uri names (of its directory where there is
 * none) for good, if we are root and it is not root's. NULL, or one line for
 * the operator that the caller frees. */
char *store_owner_become(const char *uri);

/* The same until store_owner_return(), which makes us root again where we were:
 * for who also needs a file of root's. */
char *store_owner_borrow(const char *uri);
void store_owner_return(void);

#endif
