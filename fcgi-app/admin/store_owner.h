/*
 * store_owner - root leaves what it is before it opens a store: what SQLite
 * makes beside the file is then the owner's, and nothing that a program put
 * there leads root elsewhere.
 */
#ifndef STORE_OWNER_H
#define STORE_OWNER_H

/* Become the owner of the file that uri names, for good, if we are root, the
 * file is there and not root's. NULL, or one line for the operator that the
 * caller frees. */
char *store_owner_become(const char *uri);

#endif
