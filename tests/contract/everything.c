#include "everything.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "group.h"

static void add_file(struct contract *c, char id[ID_SIZE])
{
	struct store_file file = {
		.name = (char *)"a \"name\".txt",
		.mime = (char *)"text/plain",
		.size = 5,
		.created_at = ++c->now,
	};
	struct store_send send = {
		.to = c->bob,
		.kind = MESSAGE_FILE,
		.content = "",
		.sender_name = "a name",
		.now_ms = ++c->now,
	};
	struct store_sent sent;

	memcpy(file.owner, c->ann, ID_SIZE);
	memset(file.hash, 'a', sizeof(file.hash) - 1);
	assert_ok(store_file_add(c->store, &file, INT64_MAX));
	send.attachment = file.id;
	assert_ok(store_send(c->store, AS(c->ann), &send, &sent));
	memcpy(id, sent.message.id, ID_SIZE);
	store_sent_done(&sent);
}

void everything_react(struct contract *c, const char *user, const char *message,
		      const char *emoji, bool on)
{
	const struct store_reaction reaction = {emoji, on, ++c->now};
	struct store_change change;

	assert_ok(store_message_react(c->store, AS(user), message, &reaction,
				      &change));
	assert_true(change.change > 0);
	store_change_done(&change);
}

static void change_own(struct contract *c, const char *group, const char *draft,
		       bool yes)
{
	int64_t until = ++c->now + 1000;
	const struct store_own_change change = {
		.muted_until = &until,
		.pinned = &yes,
		.marked_unread = &yes,
		.draft = draft,
		.now_ms = ++c->now,
	};
	struct store_own own;
	bool changed;

	assert_ok(store_own_change(c->store, AS(c->bob), group, &change, &own,
				   &changed));
	store_own_done(&own);
}

static void add_link(struct contract *c, struct everything *all)
{
	snprintf(all->link.code, sizeof(all->link.code), "%022" PRId64,
		 ++c->now);
	all->link.expires_at = c->now + 100000;
	assert_ok(store_link_make(c->store, AS(c->ann), all->group, &all->link,
				  c->now));
}

static void add_group(struct contract *c, struct everything *all)
{
	const char *users[] = {c->bob, c->cat};

	group_make_of(c, c->ann, users, 2, all->group);
	add_link(c, all);
	change_own(c, all->group, "{\"content\":\"x\"}", true);
}

static void change_profile(struct contract *c, const char *user,
			   const struct store_profile *profile)
{
	struct store_user after;
	const char *field;

	assert_ok(store_user_profile(c->store, user, profile, &after, &field));
	store_user_done(&after);
}

void everything_hide(struct contract *c)
{
	const bool yes = true;
	const struct store_profile profile = {
		.hides_last_seen = &yes,
		.hides_receipts = &yes,
	};

	change_profile(c, c->ann, &profile);
}

static void block_cat(struct contract *c, bool blocked)
{
	assert_true(contract_block(c, c->bob, c->cat, blocked));
}

static void edit_hidden(struct contract *c, const char *id)
{
	struct store_mention bob = {.start = 0, .length = 4};
	const struct store_edit edit = {
		.kind = CHANGE_EDIT,
		.content = "@Bob, and this is hidden",
		.mentions = &bob,
		.mention_count = 1,
		.now_ms = ++c->now,
	};
	struct store_change change;

	memcpy(bob.user, c->bob, ID_SIZE);
	assert_ok(
		store_message_change(c->store, AS(c->cat), id, &edit, &change));
	assert_true(change.hidden);
	store_change_done(&change);
}

static void add_hidden(struct contract *c, struct everything *all)
{
	all->split = contract_place(c, c->cat, c->bob, "seen");
	contract_edit(c, c->cat, all->split.id, "seen, and edited");
	block_cat(c, true);
	edit_hidden(c, all->split.id);
	contract_place(c, c->cat, c->bob, "hidden");
}

static void add_report(struct contract *c, const char *message)
{
	const struct store_report report = {
		.message = message,
		.reason = "why",
		.reporter_name = "Bob",
		.now_ms = ++c->now,
	};
	struct store_reported reported;

	assert_ok(store_report(c->store, AS(c->bob), &report, &reported));
	store_reported_done(&reported);
}

static void do_deed(struct contract *c, struct store_deed deed)
{
	const struct store_viewer ctl = {ID_CTL, ROLE_OPERATOR};

	deed.now_ms = ++c->now;
	assert_ok(store_operator_act(c->store, &ctl, &deed));
}

static void add_session(struct contract *c, struct store_session *session)
{
	*session = (struct store_session){
		.created_at = c->now,
		.last_used = c->now,
		.expires_at = c->now + 100000,
		.agent = (char *)"tests",
		.address = (char *)"192.0.2.1",
	};
	memcpy(session->user_id, c->ann, ID_SIZE);
	assert_ok(store_session_open(c->store, session, NULL));
}

static void add_erased(struct contract *c)
{
	char name[32], id[ID_SIZE];

	snprintf(name, sizeof(name), "Gone%" PRId64, c->now);
	contract_add_user(c, name, id);
	contract_erase(c, id);
}

void everything_add(struct contract *c, struct everything *all)
{
	struct store_read_marks marks;
	char name[32];

	snprintf(name, sizeof(name), "Cat%" PRId64, c->now);
	contract_add_user(c, name, c->cat);
	all->first = contract_place(c, c->ann, c->bob, "one");
	all->second = contract_place(c, c->ann, c->bob, "two");
	for (int i = 0; i < 20; i++)
		contract_place(c, i % 3 == 0 ? c->bob : c->ann,
			       i % 3 == 0 ? c->ann : c->bob, "\"\\ \xc3\xa9");
	contract_edit(c, c->ann, all->first.id, "one, edited");
	assert_ok(store_mark_read(c->store, AS(c->bob), all->first.conversation,
				  &(const struct store_reach){20, 19}, ++c->now,
				  &marks));
	everything_react(c, c->bob, all->first.id, THUMB, true);
	contract_place(c, c->bob, c->bob, "a note");
	add_file(c, all->file);
	add_group(c, all);
	add_hidden(c, all);
	everything_hide(c);
	snprintf(all->email, sizeof(all->email), "%" PRId64 "@example.org",
		 c->now);
	change_profile(c, c->ann,
		       &(const struct store_profile){.email = all->email});
	contract_place(c, c->ann, ID_SERVER, "help");
	add_report(c, all->first.id);
	do_deed(c, (struct store_deed){.act = ACT_BLOCK,
				       .detail = "192.0.2.0/24",
				       .until = c->now + 5000});
	do_deed(c, (struct store_deed){.act = ACT_MUTE,
				       .user = c->cat,
				       .until = c->now + 9000});
	add_erased(c);
	add_session(c, &all->session);
	contract_edit(c, c->ann, all->second.id, NULL);
}

void everything_change(struct contract *c, struct everything *all)
{
	char name[32], dan[ID_SIZE];

	contract_edit(c, c->ann, all->first.id, "one, edited again");
	everything_react(c, c->ann, all->first.id, PARTY, true);
	everything_react(c, c->bob, all->first.id, THUMB, false);
	contract_edit(c, c->ann, all->file, NULL);
	contract_place(c, c->bob, c->ann, "more");
	snprintf(name, sizeof(name), "Dan%" PRId64, c->now);
	contract_add_user(c, name, dan);
	contract_place(c, dan, c->bob, "a first word");
	change_profile(c, c->ann, &(const struct store_profile){.email = ""});
	change_profile(c, c->bob,
		       &(const struct store_profile){.email = all->email});
	assert_ok(store_session_end(c->store, c->ann, all->session.id));
	add_session(c, &all->session);
	group_assert_done(c, c->ann, all->group, GROUP_ADDED, dan, name);
	group_assert_done(c, c->cat, all->group, GROUP_LEFT, NULL, "left");
	assert_ok(store_link_end(c->store, AS(c->ann), all->group));
	add_link(c, all);
	change_own(c, all->group, "", false);
	block_cat(c, false);
	do_deed(c, (struct store_deed){.act = ACT_UNBLOCK,
				       .detail = "192.0.2.0/24"});
}

void everything_stays_hidden(struct contract *c, struct store *copy,
			     const struct everything *all)
{
	struct store_message message;

	assert_ok(store_message_get(copy, AS(c->cat), all->split.id, &message));
	assert_string_equal(message.content, "@Bob, and this is hidden");
	assert_non_null(message.mentions);
	assert_non_null(strstr(message.mentions, c->bob));
	store_message_done(&message);
	assert_ok(store_message_get(copy, AS(c->bob), all->split.id, &message));
	assert_string_equal(message.content, "seen, and edited");
	assert_null(message.mentions);
	assert_true(message.edited);
	store_message_done(&message);
}

static void assert_agent(const struct store_session *session, void *context)
{
	(void)context;
	assert_string_equal(session->agent, "tests");
}

void everything_goes_on(struct contract *c, struct store *copy,
			const struct everything *all)
{
	char client_id[32];
	struct store_send send = {
		.sender_name = "a name",
		.to = c->bob,
		.content = "once",
		.client_id = client_id,
		.now_ms = c->now + 1,
	};
	struct store_sent before, again, next;
	struct store_session seen;
	struct store_user user;
	struct store_group_act join = {
		.event = GROUP_JOINED,
		.actor_name = "x",
		.now_ms = c->now + 2,
	};
	struct store_group_done done;

	snprintf(client_id, sizeof(client_id), "%" PRId64, c->now);
	assert_ok(
		store_session_get(copy, all->session.id, c->now, &seen, &user));
	assert_string_equal(user.id, c->ann);
	assert_ok(store_sessions(copy, c->ann, c->now, 9, assert_agent, NULL));
	assert_true(user.hides_last_seen && user.hides_receipts);
	store_session_done(&seen);
	store_user_done(&user);
	assert_ok(store_send(c->store, AS(c->ann), &send, &before));
	assert_false(before.duplicate);
	assert_ok(store_send(copy, AS(c->ann), &send, &again));
	assert_int_equal(again.message.seq, before.message.seq);
	assert_ok(store_send(copy, AS(c->ann), &send, &next));
	assert_true(next.duplicate);
	store_sent_done(&before);
	store_sent_done(&again);
	store_sent_done(&next);
	/* A member already. */
	assert_ok(store_group_join(copy, AS(c->bob), all->link.code, &join,
				   &done));
	assert_int_equal(done.message.seq, 0);
	store_group_done_free(&done);
}
