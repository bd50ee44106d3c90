/*
 * store_forget - texts of messages without the name of somebody who was
 * erased. Clients do the same with what they hold (docs/openapi.json, Change).
 */
#ifndef STORE_FORGET_H
#define STORE_FORGET_H

#include <stdbool.h>

/* The content of a system message (store_system.h), own when it is of what they
 * did: where it names them the name is "", and their reason is gone. NULL:
 * there is nothing of theirs; the caller frees it. */
char *store_forget_in_system(const char *content, const char *user, bool own);

/* Where somebody is mentioned the content has an @ and an ellipsis instead, and
 * what comes behind moves. False: they are not mentioned; both are the
 * caller's. */
bool store_forget_mentions(const char *content, const char *mentions,
			   const char *user, char **new_content,
			   char **new_mentions);

#endif
