/*
 * own_input - what a client says of what its user alone has of a conversation,
 * checked. Pure. What is wrong is code `invalid`.
 */
#ifndef OWN_INPUT_H
#define OWN_INPUT_H

#include "message_input.h"
#include "store_own.h"

/* What is said points into the rest of it. */
struct own_input {
	struct store_own_change change;
	int64_t muted_until;
	bool pinned, archived, marked_unread;
	char *draft;
};

/*
 * At least one of
 *
 *     {mutedUntil?, pinned?, archived?, markedUnread?, draft?}
 *
 * mutedUntil is a time, "forever", or null for not muted, which a time that is
 * over is, too; draft {content, replyTo?, mentions?}, or null for none. *out
 * stays where it is until own_input_done(), which is for either case.
 */
bool own_input_read(const struct json_object *body, int64_t now_ms,
		    struct own_input *out, struct input_error *error);
void own_input_done(struct own_input *input);

#endif
