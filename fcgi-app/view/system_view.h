/*
 * system_view - what a message of kind system says: `system`, as it is kept
 * (store_system.h), and a sentence of it for those who do not look there.
 */
#ifndef SYSTEM_VIEW_H
#define SYSTEM_VIEW_H

#include "ids.h"

struct json_text;
struct store_message;

/* "content" and "system". */
void system_view_write(struct json_text *text,
		       const struct store_message *message);

/* That sentence alone; the caller frees it. */
char *system_view_sentence(const struct store_message *message);

/* Who is no member any more by it; "": nobody. */
void system_view_left(const struct store_message *message, char out[ID_SIZE]);

#endif
