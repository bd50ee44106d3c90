#include "contract_rows.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

struct contract_rows *contract_rows_new(void)
{
	return xcalloc(1, sizeof(struct contract_rows));
}

void contract_rows_free(struct contract_rows *rows)
{
	for (size_t i = 0; i < rows->messages; i++)
		store_message_done(&rows->message[i]);
	for (size_t i = 0; i < rows->changes; i++)
		store_change_done(&rows->change[i]);
	for (size_t i = 0; i < rows->users; i++)
		free(rows->username[i]);
	free(rows);
}

static void keep_message(const struct store_message *from,
			 struct store_message *to)
{
	*to = *from;
	/* An erase has no message. */
	to->sender_name =
		xstrdup(from->sender_name != NULL ? from->sender_name : "");
	to->content = xstrdup(from->content != NULL ? from->content : "");
	if (from->client_id != NULL)
		to->client_id = xstrdup(from->client_id);
	if (from->attachment != NULL)
		to->attachment = xstrdup(from->attachment);
	if (from->mentions != NULL)
		to->mentions = xstrdup(from->mentions);
	if (from->reactions != NULL)
		to->reactions = xstrdup(from->reactions);
}

bool contract_each_message(const struct store_message *message, void *context)
{
	struct contract_rows *rows = context;

	assert_true(rows->messages < CONTRACT_MAX);
	keep_message(message, &rows->message[rows->messages++]);
	return true;
}

bool contract_each_change(const struct store_change *change, void *context)
{
	struct contract_rows *rows = context;

	assert_true(rows->changes < CONTRACT_MAX);
	rows->change[rows->changes] = *change;
	keep_message(&change->message, &rows->change[rows->changes].message);
	if (change->emoji != NULL)
		rows->change[rows->changes].emoji = xstrdup(change->emoji);
	if (change->later != NULL)
		rows->change[rows->changes].later = xstrdup(change->later);
	rows->changes++;
	return true;
}

bool contract_each_marks(const struct store_read_marks *marks, void *context)
{
	struct contract_rows *rows = context;

	assert_true(rows->marks < CONTRACT_MAX);
	rows->mark[rows->marks++] = *marks;
	return true;
}

void contract_each_id(const char *id, void *context)
{
	struct contract_rows *rows = context;

	assert_true(rows->ids < CONTRACT_MAX);
	assert_true(id_valid(id));
	memcpy(rows->id[rows->ids++], id, ID_SIZE);
}

bool contract_each_conversation(const struct store_conversation *conversation,
				void *context)
{
	struct contract_rows *rows = context;

	assert_true(rows->conversations < CONTRACT_MAX);
	rows->conversation[rows->conversations++] = *conversation;
	return true;
}

void contract_each_user(const struct store_user *user, void *context)
{
	struct contract_rows *rows = context;

	assert_true(rows->users < CONTRACT_MAX);
	assert_null(user->password_hash);
	rows->username[rows->users++] = xstrdup(user->username);
}

static bool each_announced(const struct store_change *change,
			   const struct store_conversation *conversation,
			   void *rows)
{
	assert_string_equal(conversation->id, change->conversation);
	return contract_each_change(change, rows);
}

enum store_status contract_rows_recent(struct store *store, const char *after,
				       struct contract_rows *rows, bool *more)
{
	struct store_recent recent = {
		.limit = 10,
		.message = contract_each_message,
		.change = each_announced,
		.marks = contract_each_marks,
		.context = rows,
	};

	if (after != NULL)
		memcpy(recent.after, after, ID_SIZE);
	else
		id_floor(0, recent.after);
	return store_recent(store, &recent, more);
}
