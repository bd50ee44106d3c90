#include "contract.h"

#include <string.h>

#include "mem.h"

#define QUOTA 1000
#define HASH "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static enum store_status add(struct contract *c, const char *owner,
			     int64_t size, char id[ID_SIZE])
{
	struct store_file file = {
		.hash = HASH,
		.name = (char *)"a.png",
		.mime = (char *)"image/png",
		.size = size,
		.width = 64,
		.height = 32,
		.preview = true,
		.created_at = ++c->now,
	};
	enum store_status status;

	memcpy(file.owner, owner, ID_SIZE);
	status = store_file_add(c->store, &file, QUOTA);
	memcpy(id, file.id, ID_SIZE);
	return status;
}

static enum store_status get(struct contract *c, const char *viewer,
			     const char *id)
{
	struct store_file file;
	enum store_status status =
		store_file_get(c->store, AS(viewer), id, &file);

	store_file_done(&file);
	return status;
}

static enum store_status send_file(struct contract *c, const char *from,
				   const char *to, const char *id,
				   struct store_sent *sent)
{
	const struct store_send send = {
		.sender_name = "n",
		.to = to,
		.kind = MESSAGE_FILE,
		.content = "",
		.attachment = id,
		.now_ms = ++c->now,
	};

	return store_send(c->store, AS(from), &send, sent);
}

static void count(const char *hash, void *context)
{
	assert_string_equal(hash, HASH);
	++*(int *)context;
}

static int sweep(struct contract *c)
{
	struct store_file_sweep one_by_one = {"", c->now + 1, 1};
	int swept = 0;

	do
		assert_ok(
			store_file_sweep(c->store, &one_by_one, count, &swept));
	while (one_by_one.after[0] != '\0');
	return swept;
}

static void a_file_is_its_owners_until_a_message_names_it(void **state)
{
	struct contract *c = *state;
	struct store_sent sent;
	struct store_file file;
	char id[ID_SIZE];

	assert_ok(add(c, c->ann, 5, id));
	assert_ok(store_file_get(c->store, AS(c->ann), id, &file));
	assert_string_equal(file.name, "a.png");
	assert_string_equal(file.hash, HASH);
	assert_int_equal(file.width, 64);
	store_file_done(&file);
	assert_int_equal(get(c, c->bob, id), STORE_NOT_FOUND);

	assert_ok(send_file(c, c->ann, c->bob, id, &sent));
	assert_non_null(strstr(sent.message.attachment, "\"name\":\"a.png\""));
	assert_non_null(strstr(sent.message.attachment, id));
	store_sent_done(&sent);
	assert_ok(get(c, c->bob, id));
	assert_int_equal(get(c, c->cat, id), STORE_NOT_FOUND);
}

static void only_who_may_read_a_file_may_send_it_on(void **state)
{
	struct contract *c = *state;
	struct store_sent sent;
	char id[ID_SIZE];

	assert_ok(add(c, c->ann, 5, id));
	assert_int_equal(send_file(c, c->bob, c->cat, id, &sent),
			 STORE_NOT_FOUND);
	assert_int_equal(
		send_file(c, c->ann, c->bob, "0123456789abcdef01234567", &sent),
		STORE_NOT_FOUND);
	assert_ok(send_file(c, c->ann, c->bob, id, &sent));
	store_sent_done(&sent);
	assert_ok(send_file(c, c->bob, c->cat, id, &sent));
	store_sent_done(&sent);
	assert_ok(get(c, c->cat, id));
}

#define OFTEN 120 /* more than are looked at at once */

static void forward_often(struct contract *c, const char *from, const char *to,
			  const char *id)
{
	struct store_sent sent;

	for (int i = 0; i < OFTEN; i++) {
		assert_ok(send_file(c, from, to, id, &sent));
		store_sent_done(&sent);
	}
}

static void a_file_that_was_forwarded_often_is_still_read(void **state)
{
	struct contract *c = *state;
	struct store_sent sent;
	char id[ID_SIZE], dan[ID_SIZE], eve[ID_SIZE];

	contract_add_user(c, "Dan", dan);
	contract_add_user(c, "Eve", eve);
	assert_ok(add(c, c->ann, 5, id));
	forward_often(c, c->ann, c->bob, id);
	assert_int_equal(get(c, c->cat, id), STORE_NOT_FOUND);
	contract_block(c, c->cat, c->ann, true);
	assert_ok(send_file(c, c->ann, c->cat, id, &sent));
	store_sent_done(&sent);
	assert_int_equal(get(c, c->cat, id), STORE_NOT_FOUND);
	contract_block(c, c->cat, c->ann, false);
	assert_ok(send_file(c, c->ann, c->cat, id, &sent));
	store_sent_done(&sent);
	assert_ok(get(c, c->cat, id));
	assert_ok(send_file(c, c->cat, dan, id, &sent));
	store_sent_done(&sent);
	assert_ok(get(c, dan, id));
	assert_int_equal(get(c, eve, id), STORE_NOT_FOUND);
}

static enum store_status get_as_operator(struct contract *c,
					 const char *operator, const char * id)
{
	const struct store_viewer viewer = {operator, ROLE_OPERATOR };
	struct store_file file;
	enum store_status status = store_file_get(c->store, &viewer, id, &file);

	store_file_done(&file);
	return status;
}

/* By membership, or by role. */
static void so_it_is_in_support_and_in_the_lobby(void **state)
{
	struct contract *c = *state;
	struct store_send send = {
		.conversation = ID_LOBBY,
		.kind = MESSAGE_FILE,
		.content = "",
	};
	struct store_sent sent;
	char id[ID_SIZE];

	assert_ok(add(c, c->ann, 5, id));
	send.attachment = id;
	forward_often(c, c->ann, c->bob, id);
	assert_ok(send_file(c, c->ann, ID_SERVER, id, &sent));
	store_sent_done(&sent);
	assert_int_equal(get(c, c->cat, id), STORE_NOT_FOUND);
	assert_ok(get_as_operator(c, c->cat, id));
	assert_ok(contract_try(c, c->ann, &send));
	assert_ok(get(c, c->cat, id));
}

static void a_deleted_message_names_its_file_no_more(void **state)
{
	struct contract *c = *state;
	const struct store_edit edit = {.kind = CHANGE_DELETE, .now_ms = 1};
	struct store_change change;
	struct store_sent sent;
	char id[ID_SIZE];

	assert_ok(add(c, c->ann, 5, id));
	assert_ok(send_file(c, c->ann, c->bob, id, &sent));
	assert_ok(store_message_change(c->store, AS(c->ann), sent.message.id,
				       &edit, &change));
	assert_null(change.message.attachment);
	store_change_done(&change);
	store_sent_done(&sent);
	assert_int_equal(get(c, c->bob, id), STORE_NOT_FOUND);
	assert_int_equal(sweep(c), 1);
}

static void a_quota_counts_all_files_of_one_owner(void **state)
{
	struct contract *c = *state;
	char id[ID_SIZE];

	assert_ok(add(c, c->ann, QUOTA - 1, id));
	assert_int_equal(store_file_room(c->store, c->ann, 2, QUOTA),
			 STORE_FULL);
	assert_int_equal(add(c, c->ann, 2, id), STORE_FULL);
	assert_ok(store_file_room(c->store, c->ann, 1, QUOTA));
	assert_ok(add(c, c->ann, 1, id));
	assert_ok(add(c, c->bob, QUOTA, id));
}

static void the_picture_of_a_user_is_for_everyone(void **state)
{
	struct contract *c = *state;
	struct store_user user;
	const char *field;
	char id[ID_SIZE];

	assert_ok(add(c, c->ann, 5, id));

	const struct store_profile profile = {.avatar = id};

	assert_ok(
		store_user_profile(c->store, c->ann, &profile, &user, &field));
	store_user_done(&user);
	assert_ok(get(c, c->cat, id));
	assert_int_equal(sweep(c), 0);
}

static void the_picture_of_a_group_is_for_its_members(void **state)
{
	struct contract *c = *state;
	struct store_group_done done;
	const char *users[] = {c->bob};
	char id[ID_SIZE];

	assert_ok(add(c, c->ann, 5, id));

	const struct store_group_act act = {
		.event = GROUP_MADE,
		.title = "g",
		.avatar = id,
		.users = users,
		.user_count = 1,
		.actor_name = "Ann",
		.now_ms = ++c->now,
	};

	assert_ok(store_group_make(c->store, AS(c->ann), &act, &done));
	store_group_done_free(&done);
	assert_ok(get(c, c->bob, id));
	assert_int_equal(get(c, c->cat, id), STORE_NOT_FOUND);
	assert_int_equal(sweep(c), 0);
	forward_often(c, c->ann, c->ann, id);
	assert_ok(get(c, c->bob, id));
}

static void who_came_later_reads_no_earlier_file(void **state)
{
	struct contract *c = *state;
	struct store_group_done done;
	const char *users[] = {c->bob};
	struct store_group_act act = {
		.event = GROUP_MADE,
		.title = "g",
		.avatar = "",
		.actor_name = "Ann",
		.now_ms = ++c->now,
	};
	struct store_sent sent;
	char id[ID_SIZE], group[ID_SIZE];

	assert_ok(add(c, c->ann, 5, id));
	assert_ok(store_group_make(c->store, AS(c->ann), &act, &done));
	memcpy(group, done.message.conversation, ID_SIZE);
	store_group_done_free(&done);

	const struct store_send send = {
		.sender_name = "n",
		.conversation = group,
		.kind = MESSAGE_FILE,
		.content = "look",
		.attachment = id,
		.now_ms = ++c->now,
	};

	assert_ok(store_send(c->store, AS(c->ann), &send, &sent));
	store_sent_done(&sent);
	act.event = GROUP_ADDED;
	act.users = users;
	act.user_count = 1;
	assert_ok(store_group_act(c->store, AS(c->ann), group, &act, &done));
	store_group_done_free(&done);
	assert_int_equal(get(c, c->bob, id), STORE_NOT_FOUND);
}

static void what_nothing_names_is_forgotten_after_a_while(void **state)
{
	struct contract *c = *state;
	struct store_sent sent;
	char unused[ID_SIZE], used[ID_SIZE];
	bool kept;

	assert_ok(add(c, c->ann, 5, unused));
	assert_ok(add(c, c->ann, 5, used));
	assert_ok(send_file(c, c->ann, c->bob, used, &sent));
	store_sent_done(&sent);
	struct store_file_sweep early = {"", c->now - 100, 10};
	int swept = 0;

	assert_ok(store_file_sweep(c->store, &early, count, &swept));
	assert_int_equal(swept, 0);
	assert_int_equal(sweep(c), 1);
	assert_int_equal(get(c, c->ann, unused), STORE_NOT_FOUND);
	assert_ok(get(c, c->bob, used));
	/* The other one has the same bytes. */
	assert_ok(store_file_is_kept(c->store, HASH, &kept));
	assert_true(kept);
	assert_ok(store_file_is_kept(c->store, "none", &kept));
	assert_false(kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(a_file_is_its_owners_until_a_message_names_it),
		CONTRACT_TEST(only_who_may_read_a_file_may_send_it_on),
		CONTRACT_TEST(a_file_that_was_forwarded_often_is_still_read),
		CONTRACT_TEST(so_it_is_in_support_and_in_the_lobby),
		CONTRACT_TEST(a_deleted_message_names_its_file_no_more),
		CONTRACT_TEST(a_quota_counts_all_files_of_one_owner),
		CONTRACT_TEST(the_picture_of_a_user_is_for_everyone),
		CONTRACT_TEST(the_picture_of_a_group_is_for_its_members),
		CONTRACT_TEST(who_came_later_reads_no_earlier_file),
		CONTRACT_TEST(what_nothing_names_is_forgotten_after_a_while),
	};

	return contract_run("files", tests, COUNT_OF(tests));
}
