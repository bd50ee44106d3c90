/* All that a store holds, into another one of each backend that can hold it,
 * and back: nothing is missing, and clients go on. */
#include "group.h"

#include <stdlib.h>
#include <string.h>

#include "backends.h"
#include "mem.h"
#include "store_copy.h"

#define THUMB "\U0001f44d"
#define GRIN "\U0001f600"
#define PARTY "\U0001f389"

/* ---- another store ---- */

struct place {
	const struct backend *backend;
	struct contract c;
};

static bool takes_copies(const struct backend *backend)
{
	const char *only = getenv("PALABRE_TEST_STORE");
	bool all = backend->subjects == NULL;

	if (only != NULL && strstr(only, backend->name) == NULL)
		return false;

	for (size_t i = 0; !all && backend->subjects[i] != NULL; i++) {
		if (strcmp(backend->subjects[i], "copy") == 0)
			return true;
	}
	return all;
}

static struct place place_open(const struct backend *backend)
{
	struct place place = {.backend = backend};
	char *error;

	place.c.uri = backend->make_uri();
	place.c.store = contract_open_on(backend, place.c.uri);
	error = store_prepare(place.c.store);
	if (error != NULL)
		fail_msg("%s", error);
	return place;
}

static void place_close(struct place *place)
{
	store_free(place->c.store);
	place->backend->destroy(place->c.uri);
	free(place->c.uri);
}

/* ---- copies ---- */

struct patience {
	int64_t left; /* records until it is given up */
	int64_t done, total;
};

static bool go_on(int64_t done, int64_t total, void *context)
{
	struct patience *patience = context;

	patience->done = done;
	patience->total = total;
	return done < patience->left;
}

static void copy(struct store *from, struct store *to)
{
	struct patience patience = {.left = INT64_MAX};
	char *error = store_copy(from, to, go_on, &patience);

	if (error != NULL)
		fail_msg("%s", error);
	assert_true(patience.done > 0);
}

static void assert_refused(struct store *from, struct store *to,
			   int64_t patience, const char *why)
{
	struct patience given = {.left = patience};
	char *error = store_copy(from, to, go_on, &given);

	assert_non_null(error);
	if (strstr(error, why) == NULL)
		fail_msg("%s", error);
	free(error);
}

/* ---- something of everything ---- */

static void add_file(struct contract *c)
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
	};

	memcpy(file.owner, c->ann, ID_SIZE);
	memset(file.hash, 'a', sizeof(file.hash) - 1);
	assert_ok(store_file_add(c->store, &file, INT64_MAX));
	send.attachment = file.id;
	assert_ok(contract_try(c, c->ann, &send));
}

static void react(struct contract *c, const char *user, const char *message,
		  const char *emoji, bool on)
{
	const struct store_reaction reaction = {emoji, on, ++c->now};
	struct store_change change;

	assert_ok(store_message_react(c->store, AS(user), message, &reaction,
				      &change));
	assert_true(change.change > 0);
	store_change_done(&change);
}

static void add_group(struct contract *c, struct store_link *link)
{
	const char *users[] = {c->bob, c->cat};
	int64_t until = ++c->now + 1000;
	const bool yes = true;
	struct store_own own;
	char id[ID_SIZE];
	bool changed;

	group_make_of(c, c->ann, users, 2, id);
	link->expires_at = c->now + 100000;
	assert_ok(store_link_make(c->store, AS(c->ann), id, link, c->now));
	assert_ok(store_own_change(
		c->store, AS(c->bob), id,
		&(const struct store_own_change){.muted_until = &until,
						 .pinned = &yes,
						 .marked_unread = &yes,
						 .draft = "{\"content\":\"x\"}",
						 .now_ms = ++c->now},
		&own, &changed));
	store_own_done(&own);
}

static void hide_all(struct contract *c)
{
	const bool yes = true;
	const struct store_profile profile = {
		.hides_last_seen = &yes,
		.hides_receipts = &yes,
	};
	struct store_user user;
	const char *field;

	assert_ok(
		store_user_profile(c->store, c->ann, &profile, &user, &field));
	store_user_done(&user);
}

static void add_hidden(struct contract *c)
{
	const struct store_block block = {
		.user = c->cat,
		.blocked = true,
		.now_ms = ++c->now,
	};
	bool changed;

	contract_place(c, c->cat, c->bob, "seen");
	assert_ok(store_block(c->store, AS(c->bob), &block, &changed));
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

static void add_deeds(struct contract *c)
{
	const struct store_viewer ctl = {ID_CTL, ROLE_OPERATOR};

	assert_ok(store_operator_act(c->store, &ctl,
				     &(const struct store_deed){
					     .act = ACT_BLOCK,
					     .detail = "192.0.2.0/24",
					     .until = c->now + 5000,
					     .now_ms = ++c->now,
				     }));
	assert_ok(store_operator_act(
		c->store, &ctl,
		&(const struct store_deed){.act = ACT_MUTE,
					   .user = c->cat,
					   .until = c->now + 9000,
					   .now_ms = ++c->now}));
}

static void fill(struct contract *c, struct store_session *session,
		 struct store_link *link)
{
	struct contract_place first = contract_place(c, c->ann, c->bob, "one");
	struct contract_place more = contract_place(c, c->ann, c->bob, "two");
	struct store_read_marks marks;

	for (int i = 0; i < 20; i++)
		contract_place(c, i % 3 == 0 ? c->bob : c->ann,
			       i % 3 == 0 ? c->ann : c->bob, "\"\\ \xc3\xa9");
	contract_edit(c, c->ann, first.id, "one, edited");
	contract_edit(c, c->ann, more.id, NULL);
	assert_ok(store_mark_read(c->store, AS(c->bob), first.conversation,
				  &(const struct store_reach){20, 19}, ++c->now,
				  &marks));
	react(c, c->bob, first.id, THUMB, true);
	contract_place(c, c->bob, c->bob, "a note");
	add_file(c);
	add_group(c, link);
	add_hidden(c);
	hide_all(c);
	contract_place(c, c->ann, ID_SERVER, "help");
	add_report(c, first.id);
	add_deeds(c);
	memcpy(session->user_id, c->ann, ID_SIZE);
	session->created_at = session->last_used = c->now;
	session->expires_at = c->now + 100000;
	session->agent = (char *)"tests";
	session->address = (char *)"192.0.2.1";
	assert_ok(store_session_open(c->store, session, NULL));
}

/* ---- tests ---- */

static void assert_goes_on(struct contract *c, struct store *copy,
			   const struct store_session *session,
			   const struct store_link *link)
{
	struct store_send send = {
		.sender_name = "a name",
		.to = c->bob,
		.content = "once",
		.client_id = "00000000-0000-4000-8000-000000000001",
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

	assert_ok(store_session_get(copy, session->id, c->now, &seen, &user));
	assert_string_equal(user.id, c->ann);
	assert_string_equal(seen.agent, "tests");
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
	assert_ok(store_group_join(copy, AS(c->cat), link->code, &join, &done));
	assert_int_equal(done.message.seq, 0);
	store_group_done_free(&done);
}

static void a_store_goes_to_any_other_and_back(void **state)
{
	struct contract *c = *state;
	struct store_session session = {.id = ""};
	struct store_link link = {.code = "abcdefghijklmnopqrstuv"};
	char epoch[ID_SIZE], its[ID_SIZE];

	fill(c, &session, &link);
	for (size_t i = 0; i < backend_count; i++) {
		struct place there, back;

		if (!takes_copies(&backends[i]))
			continue;
		there = place_open(&backends[i]);
		back = place_open(contract_backend());
		copy(c->store, there.c.store);
		copy(there.c.store, back.c.store);
		contract_assert_clean(there.c.store);
		contract_assert_clean(back.c.store);
		assert_ok(store_epoch(c->store, epoch));
		assert_ok(store_epoch(back.c.store, its));
		assert_string_equal(epoch, its);
		/* Only the first place sends: the next copy has it, too. */
		if (i == 0)
			assert_goes_on(c, there.c.store, &session, &link);
		place_close(&there);
		place_close(&back);
	}
}

static void assert_reactions(struct contract *c, const char *id,
			     const char *const emoji[3])
{
	struct store_message message;
	const char *at;

	assert_ok(store_message_get(c->store, AS(c->ann), id, &message));
	at = message.reactions;
	for (size_t i = 0; i < 3 && at != NULL; i++)
		at = strstr(at, emoji[i]);
	if (at == NULL)
		fail_msg("%s", message.reactions);
	store_message_done(&message);
}

/* There somebody else reacts, and who is erased leaves their place to others:
 * it is all in its order when it has come back, and goes on so. */
static void assert_reactions_come_back(struct contract *c, const char *id,
				       const struct backend *by)
{
	struct place there = place_open(by);
	struct place back = place_open(contract_backend());
	struct contract at = *c;
	const char *const then[] = {THUMB, GRIN, PARTY};
	const char *const now[] = {THUMB, PARTY, GRIN};

	copy(c->store, there.c.store);
	at.store = there.c.store;
	react(&at, c->cat, id, PARTY, true);
	contract_erase(&at, c->bob);
	assert_reactions(&at, id, then);
	copy(there.c.store, back.c.store);
	at.store = back.c.store;
	assert_reactions(&at, id, then);
	react(&at, c->ann, id, GRIN, false);
	react(&at, c->cat, id, GRIN, true);
	assert_reactions(&at, id, now);
	contract_assert_clean(back.c.store);
	place_close(&there);
	place_close(&back);
}

static void what_is_reacted_in_a_copy_comes_back(void **state)
{
	struct contract *c = *state;
	struct contract_place place =
		contract_place_in_lobby(c, c->ann, "all react");

	react(c, c->bob, place.id, THUMB, true);
	react(c, c->ann, place.id, GRIN, true);
	react(c, c->ann, place.id, THUMB, true);
	for (size_t i = 0; i < backend_count; i++) {
		if (takes_copies(&backends[i]))
			assert_reactions_come_back(c, place.id, &backends[i]);
	}
}

static void one_that_broke_off_goes_on(void **state)
{
	struct contract *c = *state;
	struct place there = place_open(contract_backend());

	for (int i = 0; i < 1200; i++)
		contract_place(c, c->ann, c->bob, "many");
	assert_refused(c->store, there.c.store, 700, "given up");
	assert_refused(c->store, there.c.store, 1100, "given up");
	copy(c->store, there.c.store);
	contract_assert_clean(there.c.store);
	place_close(&there);
}

static void nothing_is_copied_over_something(void **state)
{
	struct contract *c = *state;
	struct place other = place_open(contract_backend());
	struct place third = place_open(contract_backend());
	struct store_user user = {
		.username = (char *)"Eve",
		.created_at = ++c->now,
	};
	const char *field;

	assert_ok(store_user_add(other.c.store, &user, &field));
	assert_refused(c->store, other.c.store, INT64_MAX, "in it already");
	contract_place(c, c->ann, c->bob, "something");
	assert_refused(c->store, third.c.store, 2, "given up");
	assert_refused(other.c.store, third.c.store, INT64_MAX,
		       "half a copy of another");
	place_close(&other);
	place_close(&third);
}

static void a_copy_that_was_used_since_is_none(void **state)
{
	struct contract *c = *state;
	struct place there = place_open(contract_backend());
	struct contract used = *c;

	contract_place(c, c->ann, c->bob, "something");
	copy(c->store, there.c.store);
	copy(c->store, there.c.store);
	used.store = there.c.store;
	hide_all(&used);
	assert_refused(c->store, there.c.store, INT64_MAX, " is another one");
	hide_all(c);
	copy(c->store, there.c.store);
	contract_place(&used, c->ann, c->cat, "more");
	assert_refused(c->store, there.c.store, INT64_MAX, " is in one alone");
	place_close(&there);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CONTRACT_TEST(a_store_goes_to_any_other_and_back),
		CONTRACT_TEST(what_is_reacted_in_a_copy_comes_back),
		CONTRACT_TEST(one_that_broke_off_goes_on),
		CONTRACT_TEST(nothing_is_copied_over_something),
		CONTRACT_TEST(a_copy_that_was_used_since_is_none),
	};

	return contract_run("copy", tests, COUNT_OF(tests));
}
