/* Support: a conversation of a user with all operators, who read as one. */
#include "contract.h"

#include <string.h>

#include "mem.h"

#define OPERATOR(user) (&(const struct store_viewer){(user), ROLE_OPERATOR})

/* cat is an operator. */
static void hire(struct contract *c)
{
	assert_ok(store_user_role(c->store, c->cat, ROLE_OPERATOR));
}

static enum store_status send(struct contract *c,
			      const struct store_viewer *viewer,
			      struct store_send send, struct store_sent *out)
{
	send.sender_name = "x";
	send.content = "hello";
	send.now_ms = ++c->now;
	return store_send(c->store, viewer, &send, out);
}

static enum store_status to_server(struct contract *c, const char *user,
				   struct store_sent *out)
{
	return send(c, AS(user), (struct store_send){.to = ID_SERVER}, out);
}

static enum store_status to_client(struct contract *c, const char *user,
				   struct store_sent *out)
{
	return send(c, OPERATOR(c->cat), (struct store_send){.client = user},
		    out);
}

static struct store_conversation
see(struct contract *c, const struct store_viewer *viewer, const char *id)
{
	struct store_conversation seen;

	assert_ok(store_conversation_get(c->store, viewer, id, &seen));
	return seen;
}

static size_t count_seen(struct contract *c, const struct store_viewer *viewer,
			 const char *id)
{
	struct contract_rows *rows = contract_rows_new();
	size_t count;

	store_messages(c->store, viewer, id, RANGE(1, 99),
		       contract_each_message, rows);
	count = rows->messages;
	contract_rows_free(rows);
	return count;
}

static void who_writes_to_the_server_writes_to_the_operators(void **state)
{
	struct contract *c = *state;
	struct store_conversation seen;
	struct store_sent first, second, answer;
	char id[ID_SIZE];

	hire(c);
	assert_ok(to_server(c, c->ann, &first));
	id_direct(c->ann, ID_SERVER, id);
	assert_string_equal(first.message.conversation, id);
	assert_int_equal(first.message.conversation_kind, CONVERSATION_SUPPORT);
	assert_string_equal(first.message.recipient, "");
	assert_string_equal(first.message.client, c->ann);
	assert_true(first.opened);
	assert_ok(to_server(c, c->ann, &second));
	assert_false(second.opened);
	assert_int_equal(second.message.seq, 2);
	assert_ok(to_client(c, c->ann, &answer));
	assert_string_equal(answer.message.sender, c->cat);
	assert_string_equal(answer.message.client, c->ann);

	assert_int_equal(count_seen(c, AS(c->ann), id), 3);
	assert_int_equal(count_seen(c, OPERATOR(c->cat), id), 3);
	assert_int_equal(count_seen(c, AS(c->bob), id), 0);
	seen = see(c, AS(c->ann), id);
	assert_int_equal(seen.kind, CONVERSATION_SUPPORT);
	assert_string_equal(seen.title, "Ann");
	assert_int_equal(seen.member_count, 2);
	store_conversation_done(&seen);
	store_sent_done(&first);
	store_sent_done(&second);
	store_sent_done(&answer);
}

static void an_operator_may_write_first(void **state)
{
	struct contract *c = *state;
	struct store_sent sent, answer;

	hire(c);
	assert_ok(to_client(c, c->ann, &sent));
	assert_true(sent.opened);
	assert_string_equal(sent.message.client, c->ann);
	assert_ok(to_server(c, c->ann, &answer));
	assert_int_equal(answer.message.seq, 2);
	assert_string_equal(answer.message.conversation,
			    sent.message.conversation);
	store_sent_done(&sent);
	store_sent_done(&answer);
}

static void operators_share_one_read_mark(void **state)
{
	struct contract *c = *state;
	struct store_conversation seen;
	struct store_read_marks marks;
	struct store_sent sent, answer;
	const char *id;

	hire(c);
	assert_ok(to_server(c, c->ann, &sent));
	id = sent.message.conversation;
	assert_ok(store_mark_read(c->store, OPERATOR(c->cat), id,
				  &(struct store_reach){1, 1}, ++c->now,
				  &marks));
	assert_true(marks.read_moved);
	assert_string_equal(marks.user_id, ID_SERVER);
	assert_string_equal(marks.read_message, sent.message.id);
	seen = see(c, OPERATOR(c->bob), id); /* another one */
	assert_int_equal(seen.me.read_seq, 1);
	assert_string_equal(seen.me.user_id, ID_SERVER);
	store_conversation_done(&seen);

	/* Who answers has read all before it, for all operators. */
	store_sent_done(&sent);
	assert_ok(to_server(c, c->ann, &sent));
	assert_ok(to_client(c, c->ann, &answer));
	assert_true(answer.marks.read_moved);
	assert_string_equal(answer.marks.user_id, ID_SERVER);
	assert_int_equal(answer.marks.read_seq, 3);
	assert_string_equal(answer.marks.read_message, sent.message.id);
	seen = see(c, AS(c->ann), id);
	assert_int_equal(seen.me.read_seq, 2); /* hers is her own */
	store_conversation_done(&seen);
	store_sent_done(&answer);

	/* Nor does who hears of an answer know that it is one. */
	assert_ok(to_client(c, c->ann, &answer));
	assert_true(answer.marks.read_moved);
	assert_int_equal(answer.marks.read_seq, 4);
	store_sent_done(&sent);
	store_sent_done(&answer);
}

static void all_of_it_is_in_the_servers_list(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	struct store_sent one, two, direct;

	hire(c);
	assert_ok(to_server(c, c->ann, &one));
	assert_ok(to_server(c, c->bob, &two));
	direct = contract_say(c, c->ann, c->bob, "secret", NULL);
	assert_ok(store_conversations(c->store, OPERATOR(ID_SERVER), LIST(10),
				      contract_each_conversation, rows));
	assert_int_equal(rows->conversations, 2);
	assert_string_equal(rows->conversation[0].id, two.message.conversation);
	assert_string_equal(rows->conversation[1].id, one.message.conversation);
	assert_int_equal(rows->conversation[0].last_seq, 1);
	contract_rows_free(rows);
	store_sent_done(&one);
	store_sent_done(&two);
	store_sent_done(&direct);
}

static void assert_page(struct contract *c, const char *before,
			const char *const *users, size_t count)
{
	const struct store_list list = {.before = before, .limit = 2};
	struct contract_rows *rows = contract_rows_new();
	char id[ID_SIZE];

	assert_ok(store_conversations(c->store, OPERATOR(ID_SERVER), &list,
				      contract_each_conversation, rows));
	assert_int_equal(rows->conversations, count);
	for (size_t i = 0; i < count; i++) {
		id_direct(users[i], ID_SERVER, id);
		assert_string_equal(rows->conversation[i].id, id);
	}
	contract_rows_free(rows);
}

static void who_wrote_last_stands_first_page_by_page(void **state)
{
	struct contract *c = *state;
	char dan[ID_SIZE], id[ID_SIZE];
	struct store_sent sent;

	hire(c);
	contract_add_user(c, "dan", dan);

	const char *const wrote[] = {c->ann, c->bob, dan, c->ann};
	const char *const first[] = {c->ann, dan}, *const next[] = {c->bob};
	const char *const answered[] = {c->bob, c->ann};

	for (size_t i = 0; i < COUNT_OF(wrote); i++) {
		assert_ok(to_server(c, wrote[i], &sent));
		store_sent_done(&sent);
	}
	assert_page(c, NULL, first, 2);
	id_direct(dan, ID_SERVER, id);
	assert_page(c, id, next, 1);
	assert_ok(to_client(c, c->bob, &sent));
	store_sent_done(&sent);
	assert_page(c, NULL, answered, 2);
}

static void nobody_else_writes_there_and_some_have_none(void **state)
{
	struct contract *c = *state;
	struct store_sent sent;
	char id[ID_SIZE];

	hire(c);
	assert_int_equal(send(c, AS(c->bob),
			      (struct store_send){.client = c->ann}, &sent),
			 STORE_NOT_FOUND);
	assert_ok(to_server(c, c->ann, &sent));
	memcpy(id, sent.message.conversation, ID_SIZE);
	store_sent_done(&sent);
	assert_int_equal(send(c, AS(c->bob),
			      (struct store_send){.client = c->ann}, &sent),
			 STORE_NOT_FOUND);
	assert_int_equal(send(c, AS(c->bob),
			      (struct store_send){.conversation = id}, &sent),
			 STORE_NOT_FOUND);
	assert_int_equal(send(c, OPERATOR(c->cat),
			      (struct store_send){.to = ID_SERVER}, &sent),
			 STORE_NOT_FOUND);
	assert_int_equal(to_client(c, c->cat, &sent), STORE_NOT_FOUND);
	assert_int_equal(to_client(c, ID_SERVER, &sent), STORE_NOT_FOUND);
	assert_int_equal(to_client(c, "no id", &sent), STORE_NOT_FOUND);
	assert_ok(store_user_disable(c->store, c->ann, true));
	assert_int_equal(to_client(c, c->ann, &sent), STORE_NOT_FOUND);
	assert_int_equal(to_client(c, c->bob, &sent), STORE_OK);
	store_sent_done(&sent);
}

static void what_was_written_lately_names_its_client(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	struct store_sent sent, answer;

	hire(c);
	assert_ok(to_server(c, c->ann, &sent));
	assert_ok(to_client(c, c->ann, &answer));
	contract_recent(c, rows);
	assert_int_equal(rows->messages, 2);
	assert_string_equal(rows->message[0].client, c->ann);
	assert_string_equal(rows->message[1].client, c->ann);
	assert_int_equal(rows->marks, 1); /* the operators read the first */
	assert_string_equal(rows->mark[0].user_id, ID_SERVER);
	contract_rows_free(rows);
	store_sent_done(&sent);
	store_sent_done(&answer);
}

static void the_server_is_in_no_directory_and_signs_in_nowhere(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	struct store_session session = {.expires_at = c->now + 1000};
	struct store_user user;
	int64_t total;

	assert_ok(store_user_get(c->store, ID_SERVER, &user));
	assert_string_equal(user.display_name, "Serveur");
	assert_string_equal(user.status_text, "Disponible");
	store_user_done(&user);
	assert_ok(store_user_list(c->store,
				  &(struct store_user_query){.limit = 10},
				  contract_each_user, rows, &total));
	assert_int_equal(total, 3);
	contract_rows_free(rows);
	memcpy(session.user_id, ID_SERVER, ID_SIZE);
	assert_int_equal(store_session_open(c->store, &session, NULL),
			 STORE_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(who_writes_to_the_server_writes_to_the_operators),
		CONTRACT_TEST(an_operator_may_write_first),
		CONTRACT_TEST(operators_share_one_read_mark),
		CONTRACT_TEST(all_of_it_is_in_the_servers_list),
		CONTRACT_TEST(who_wrote_last_stands_first_page_by_page),
		CONTRACT_TEST(nobody_else_writes_there_and_some_have_none),
		CONTRACT_TEST(what_was_written_lately_names_its_client),
		CONTRACT_TEST(
			the_server_is_in_no_directory_and_signs_in_nowhere),
	};

	return contract_run("support", tests, COUNT_OF(tests));
}
