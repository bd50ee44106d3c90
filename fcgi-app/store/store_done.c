/* What verbs fill is freed. */
#include <stdlib.h>
#include <string.h>

#include "store_erase.h"
#include "store_messages.h"

void store_group_done_free(struct store_group_done *done)
{
	store_message_done(&done->message);
	free(done->joined);
	memset(done, 0, sizeof(*done));
}

void store_erased_done(struct store_erased *erased)
{
	store_group_done_free(&erased->left);
	store_change_done(&erased->change);
}

void store_sent_done(struct store_sent *sent)
{
	store_message_done(&sent->message);
	memset(sent, 0, sizeof(*sent));
}
