#include "group.h"

#include <string.h>

struct store_group_act group_act_of(struct contract *c,
				    enum store_group_event event)
{
	return (struct store_group_act){
		.event = event,
		.title = "Garden",
		.avatar = "",
		.actor_name = "Ann",
		.now_ms = ++c->now,
	};
}

void group_make_of(struct contract *c, const char *owner,
		   const char *const *users, size_t count, char id[ID_SIZE])
{
	struct store_group_act act = group_act_of(c, GROUP_MADE);
	struct store_group_done done;

	act.users = users;
	act.user_count = count;
	assert_ok(store_group_make(c->store, AS(owner), &act, &done));
	assert_int_equal(done.message.seq, 1);
	assert_int_equal(done.message.kind, MESSAGE_SYSTEM);
	assert_int_equal(done.joined_count, count + 1);
	memcpy(id, done.message.conversation, ID_SIZE);
	store_group_done_free(&done);
}

void group_make(struct contract *c, char id[ID_SIZE])
{
	group_make_of(c, c->ann, (const char *[]){c->bob}, 1, id);
}

enum store_status group_try(struct contract *c, const char *who, const char *id,
			    enum store_group_event event, const char *user,
			    struct store_group_done *done)
{
	struct store_group_act act = group_act_of(c, event);

	act.users = &user;
	act.user_count = user != NULL;
	return store_group_act(c->store, AS(who), id, &act, done);
}

void group_assert_done(struct contract *c, const char *who, const char *id,
		       enum store_group_event event, const char *user,
		       const char *says)
{
	struct store_group_done done;

	assert_ok(group_try(c, who, id, event, user, &done));
	if (says[0] == '\0')
		assert_int_equal(done.message.seq, 0);
	else
		assert_non_null(strstr(done.message.content, says));
	store_group_done_free(&done);
}

void group_assert_refused(struct contract *c, const char *who, const char *id,
			  enum store_group_event event, const char *user,
			  enum store_status status)
{
	struct store_group_done done;

	assert_int_equal(group_try(c, who, id, event, user, &done), status);
	assert_int_equal(done.message.seq, 0);
}

struct store_conversation group_see(struct contract *c, const char *user,
				    const char *id)
{
	struct store_conversation seen;

	assert_ok(store_conversation_get(c->store, AS(user), id, &seen));
	return seen;
}

void group_assert_unseen(struct contract *c, const char *user, const char *id)
{
	struct store_conversation seen;

	assert_int_equal(store_conversation_get(c->store, AS(user), id, &seen),
			 STORE_NOT_FOUND);
}

bool group_is_owner(struct contract *c, const char *user, const char *id)
{
	struct store_conversation seen = group_see(c, user, id);
	bool owner = seen.me.owner;

	store_conversation_done(&seen);
	return owner;
}

void group_contacts_only(struct contract *c, const char *user)
{
	const bool yes = true;
	const struct store_profile profile = {.contacts_add = &yes};
	struct store_user row;
	const char *field;

	assert_ok(store_user_profile(c->store, user, &profile, &row, &field));
	assert_true(row.contacts_add);
	store_user_done(&row);
}

void group_say(struct contract *c, const char *from, const char *id)
{
	struct store_send send = {
		.sender_name = "n",
		.conversation = id,
		.content = "x",
		.now_ms = ++c->now,
	};

	assert_ok(contract_try(c, from, &send));
}
