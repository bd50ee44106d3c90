#include "erasure.h"

#include <stddef.h>

#include "announce.h"
#include "group_announce.h"
#include "message_announce.h"

void erasure_announce_begin(struct buf *out, const char *user,
			    const char *request_id)
{
	announce_revoke(out, user, NULL, "deleted", request_id);
}

static void announce_left(struct store *store, struct buf *out,
			  const struct store_group_done *left)
{
	const struct store_viewer gone = {left->left, ROLE_USER};
	struct store_conversation conversation;
	bool seen =
		store_group_seen(store, &gone, left, &conversation) == STORE_OK;
	const struct group_news news = {
		.id = left->message.conversation,
		.position = left->message.id,
		.message = &left->message,
		.conversation = seen ? &conversation : NULL,
		.left = left->left,
	};

	group_announce(out, &news, NULL);
	if (seen)
		store_conversation_done(&conversation);
}

enum store_status erasure_step(struct store *store, struct buf *out,
			       store_each_hash *each, void *context,
			       int64_t now_ms)
{
	struct store_erased erased;
	enum store_status status =
		store_erase_step(store, now_ms, each, context, &erased);

	if (status != STORE_OK)
		return status;
	if (erased.left.message.seq > 0)
		announce_left(store, out, &erased.left);
	if (erased.change.change > 0)
		message_announce_erase(out, &erased.change, NULL);
	store_erased_done(&erased);
	return STORE_OK;
}
