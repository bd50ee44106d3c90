/* Messages that people show to the operators. Here it is ann who does. */
#include "contract.h"

#include <string.h>

#include "palabre_limits.h"

#define OPERATOR(user) (&(const struct store_viewer){(user), ROLE_OPERATOR})

static enum store_status report(struct contract *c,
				const struct store_viewer *viewer,
				const char *message, struct store_reported *out)
{
	const struct store_report report = {
		.message = message,
		.reason = "it is rude",
		.reporter_name = "Ann",
		.now_ms = ++c->now,
	};

	return store_report(c->store, viewer, &report, out);
}

static enum store_status try_report(struct contract *c,
				    const struct store_viewer *viewer,
				    const char *message)
{
	struct store_reported out;
	enum store_status status = report(c, viewer, message, &out);

	store_reported_done(&out);
	return status;
}

/* Of ann with support, as an operator sees it. */
static struct contract_rows *read_support(struct contract *c)
{
	struct contract_rows *rows = contract_rows_new();
	char id[ID_SIZE];

	id_direct(c->ann, ID_SERVER, id);
	store_messages(c->store, OPERATOR(c->cat), id, RANGE(1, 999),
		       contract_each_message, rows);
	return rows;
}

static struct contract_rows *list(struct contract *c, const char *before,
				  size_t limit)
{
	struct contract_rows *rows = contract_rows_new();

	assert_ok(store_reports(
		c->store,
		&(const struct store_list){.before = before, .limit = limit},
		contract_each_message, rows));
	return rows;
}

static void change(struct contract *c, const char *who, const char *id,
		   enum store_change_kind kind, const char *content)
{
	const struct store_edit edit = {
		.kind = kind,
		.content = content,
		.now_ms = ++c->now,
	};
	struct store_change done;

	assert_ok(store_message_change(c->store, AS(who), id, &edit, &done));
	store_change_done(&done);
}

static void what_was_hidden_of_ones_own_is_copied_too(void **state)
{
	struct contract *c = *state;
	struct store_reported out;

	contract_place(c, c->bob, c->ann, "1");
	contract_block(c, c->bob, c->ann, true);
	contract_place(c, c->ann, c->bob, "2");
	contract_block(c, c->bob, c->ann, false);
	assert_ok(report(c, AS(c->ann),
			 contract_place(c, c->bob, c->ann, "3").id, &out));
	assert_int_equal(out.count, 3);
	assert_string_equal(out.copies[1].content, "2");
	assert_false(out.copies[1].hidden || out.copies[1].unseen);
	store_reported_done(&out);
}

static void it_and_four_before_it_are_in_support(void **state)
{
	struct contract *c = *state;
	static const char *const words[] = {"1", "2", "3", "4", "5", "6", "7"};
	struct contract_place at[7];
	struct contract_rows *rows;
	struct store_reported out;
	struct store_conversation seen;

	for (size_t i = 0; i < 7; i++)
		at[i] = contract_place(c, i % 2 == 0 ? c->bob : c->ann,
				       i % 2 == 0 ? c->ann : c->bob, words[i]);
	change(c, c->bob, at[2].id, CHANGE_DELETE, NULL);
	assert_ok(report(c, AS(c->ann), at[6].id, &out));
	assert_true(out.said.opened);
	assert_false(out.said.duplicate);
	assert_int_equal(out.count, 5);
	assert_string_equal(out.said.message.client, c->ann);
	rows = read_support(c);
	assert_int_equal(rows->messages, 6);
	assert_int_equal(rows->message[0].kind, MESSAGE_SYSTEM);
	assert_string_equal(rows->message[0].sender, c->ann);
	assert_non_null(strstr(rows->message[0].content,
			       "\"event\":\"reported\",\"place\":\"direct\","
			       "\"reason\":\"it is rude\""));
	assert_non_null(strstr(rows->message[0].content, c->bob));
	contract_assert_same(&rows->message[0], &out.said.message);
	for (size_t i = 0; i < 5; i++) {
		/* the third was deleted */
		size_t from = i < 1 ? 1 : i + 2;

		contract_assert_same(&rows->message[i + 1], &out.copies[i]);
		assert_string_equal(out.copies[i].content, words[from]);
		assert_string_equal(out.copies[i].sender,
				    from % 2 == 0 ? c->bob : c->ann);
		assert_string_not_equal(out.copies[i].id, at[from].id);
		assert_string_equal(out.copies[i].reply_to,
				    out.said.message.id);
	}
	assert_ok(store_conversation_get(c->store, OPERATOR(c->cat),
					 out.said.message.conversation, &seen));
	assert_int_equal(seen.unread, 6);
	store_conversation_done(&seen);
	assert_ok(store_conversation_get(c->store, AS(c->ann),
					 out.said.message.conversation, &seen));
	assert_int_equal(seen.unread, 0);
	assert_string_equal(seen.title, "Ann");
	store_conversation_done(&seen);
	store_reported_done(&out);
	contract_rows_free(rows);
}

static void a_copy_stays_as_it_was_said(void **state)
{
	struct contract *c = *state;
	struct contract_place first = contract_place(c, c->bob, c->ann, "old");
	struct contract_place place = contract_place(c, c->bob, c->ann, "ugly");
	struct contract_rows *rows;

	change(c, c->bob, first.id, CHANGE_EDIT, "new");
	assert_ok(try_report(c, AS(c->ann), place.id));
	change(c, c->bob, place.id, CHANGE_EDIT, "nice");
	change(c, c->bob, place.id, CHANGE_DELETE, NULL);
	rows = read_support(c);
	assert_int_equal(rows->messages, 3);
	assert_string_equal(rows->message[1].content, "new");
	assert_false(rows->message[1].edited);
	assert_string_equal(rows->message[2].content, "ugly");
	/* ... and is not its writer's to change, who does not see it. */
	struct store_change done;
	const struct store_edit edit = {
		.kind = CHANGE_DELETE,
		.now_ms = ++c->now,
	};

	assert_int_equal(store_message_change(c->store, AS(c->bob),
					      rows->message[2].id, &edit,
					      &done),
			 STORE_NOT_FOUND);
	assert_int_equal(store_message_change(c->store, AS(c->ann),
					      rows->message[2].id, &edit,
					      &done),
			 STORE_FORBIDDEN);
	assert_int_equal(store_message_change(c->store, AS(c->ann),
					      rows->message[0].id, &edit,
					      &done),
			 STORE_FORBIDDEN);
	contract_rows_free(rows);
}

static void
a_copy_is_not_its_reporters_to_change_but_what_they_say_of_it_is(void **state)
{
	struct contract *c = *state;
	struct contract_place place;
	struct store_edit edit = {.content = "tame"};
	struct store_change done;
	struct store_reported out;
	struct store_sent sent;
	struct store_send send = {
		.sender_name = "Ann",
		.to = ID_SERVER,
		.content = "look",
	};

	contract_place(c, c->ann, c->bob, "mine");
	place = contract_place(c, c->bob, c->ann, "ugly");
	assert_ok(report(c, AS(c->ann), place.id, &out));
	send.reply_to = out.said.message.id;
	send.now_ms = edit.now_ms = ++c->now;
	assert_ok(store_send(c->store, AS(c->ann), &send, &sent));
	assert_int_equal(store_message_change(c->store, AS(c->ann),
					      out.copies[0].id, &edit, &done),
			 STORE_FORBIDDEN);
	edit.kind = CHANGE_DELETE;
	assert_int_equal(store_message_change(c->store, AS(c->ann),
					      out.copies[0].id, &edit, &done),
			 STORE_FORBIDDEN);
	assert_ok(store_message_change(c->store, AS(c->ann), sent.message.id,
				       &edit, &done));
	store_change_done(&done);
	store_reported_done(&out);
	store_sent_done(&sent);
}

static void one_person_reports_a_message_once(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->bob, c->ann, "x");
	struct store_reported first, second;
	struct contract_rows *rows;

	assert_ok(report(c, AS(c->ann), place.id, &first));
	assert_ok(report(c, AS(c->ann), place.id, &second));
	assert_true(second.said.duplicate);
	assert_int_equal(second.count, 0);
	contract_assert_same(&first.said.message, &second.said.message);
	rows = read_support(c);
	assert_int_equal(rows->messages, 2);
	contract_rows_free(rows);
	rows = list(c, NULL, 9);
	assert_int_equal(rows->messages, 1);
	contract_rows_free(rows);
	store_reported_done(&first);
	store_reported_done(&second);
}

static void what_is_not_theirs_to_report(void **state)
{
	struct contract *c = *state;
	struct contract_place hers = contract_place(c, c->ann, c->bob, "x");
	struct contract_place his = contract_place(c, c->bob, c->ann, "y");
	struct contract_place gone = contract_place(c, c->bob, c->ann, "z");
	struct contract_place support =
		contract_place(c, c->ann, ID_SERVER, "help");
	struct contract_rows *rows;

	change(c, c->bob, gone.id, CHANGE_DELETE, NULL);
	assert_int_equal(try_report(c, AS(c->cat), his.id), STORE_NOT_FOUND);
	assert_int_equal(try_report(c, OPERATOR(c->cat), his.id),
			 STORE_NOT_FOUND);
	assert_int_equal(try_report(c, OPERATOR(c->cat), support.id),
			 STORE_FORBIDDEN);
	assert_int_equal(try_report(c, AS(c->ann), hers.id), STORE_FORBIDDEN);
	assert_int_equal(try_report(c, AS(c->ann), gone.id), STORE_FORBIDDEN);
	assert_int_equal(try_report(c, AS(c->ann), support.id),
			 STORE_FORBIDDEN);
	assert_int_equal(try_report(c, AS(c->ann), "no id"), STORE_NOT_FOUND);
	rows = list(c, NULL, 9);
	assert_int_equal(rows->messages, 0);
	contract_rows_free(rows);
}

/* What ann has blocked she never sees, and shows to nobody. */
static void what_is_hidden_is_not_reported_or_copied(void **state)
{
	struct contract *c = *state;
	struct contract_place hidden, seen;
	struct contract_rows *rows;

	contract_place(c, c->bob, c->ann, "before");
	contract_block(c, c->ann, c->bob, true);
	hidden = contract_place(c, c->bob, c->ann, "hidden");
	contract_block(c, c->ann, c->bob, false);
	seen = contract_place(c, c->bob, c->ann, "seen");
	assert_int_equal(try_report(c, AS(c->ann), hidden.id), STORE_NOT_FOUND);
	assert_ok(try_report(c, AS(c->ann), seen.id));
	rows = read_support(c);
	assert_int_equal(rows->messages, 3);
	assert_string_equal(rows->message[1].content, "before");
	assert_string_equal(rows->message[2].content, "seen");
	contract_rows_free(rows);
}

static void so_many_are_reported_in_a_day(void **state)
{
	struct contract *c = *state;
	struct contract_place at[LIMIT_REPORTS + 1];
	struct contract_rows *rows;

	for (size_t i = 0; i <= LIMIT_REPORTS; i++)
		at[i] = contract_place(c, c->bob, c->ann, "x");
	for (size_t i = 0; i < LIMIT_REPORTS; i++)
		assert_ok(try_report(c, AS(c->ann), at[i].id));
	assert_int_equal(try_report(c, AS(c->ann), at[LIMIT_REPORTS].id),
			 STORE_TOO_OFTEN);
	assert_ok(try_report(c, AS(c->ann), at[0].id)); /* it was there */
	c->now += INT64_C(24) * 3600 * 1000;
	assert_ok(try_report(c, AS(c->ann), at[LIMIT_REPORTS].id));

	rows = list(c, NULL, 2);
	assert_int_equal(rows->messages, 2);
	assert_true(rows->message[0].seq > rows->message[1].seq);
	struct contract_rows *rest = list(c, rows->message[1].id, 99);

	assert_int_equal(rest->messages, LIMIT_REPORTS - 1);
	assert_true(rest->message[0].seq < rows->message[1].seq);
	contract_rows_free(rows);
	contract_rows_free(rest);
}

/* By the time of the one that it is to go on behind. */
static void a_list_goes_on_where_there_is_no_report_any_more(void **state)
{
	struct contract *c = *state;
	struct contract_place early = contract_place(c, c->bob, c->ann, "x");
	struct contract_rows *rows;

	assert_ok(try_report(c, AS(c->ann), early.id));
	struct contract_place late = contract_place(c, c->bob, c->ann, "y");

	rows = list(c, late.id, 9);
	assert_int_equal(rows->messages, 1);
	contract_rows_free(rows);
	rows = list(c, early.id, 9);
	assert_int_equal(rows->messages, 0);
	contract_rows_free(rows);
}

static bool note_row(const struct store_audit *row, void *context)
{
	struct store_audit *out = context;

	assert_string_equal(row->act, "report");
	*out = *row;
	out->by_name = out->user_name = out->act = out->detail = NULL;
	return true;
}

static void a_report_is_written_down(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->bob, c->ann, "x");
	struct store_audit row = {.id = ""};

	assert_ok(try_report(c, AS(c->ann), place.id));
	assert_int_equal(try_report(c, AS(c->cat), place.id), STORE_NOT_FOUND);
	assert_ok(store_audit(c->store, LIST(9), note_row, &row));
	assert_string_equal(row.by, c->ann);
	assert_string_equal(row.user, c->bob);
}

/* A copy might be where the erasing has been already. */
static void nothing_is_copied_while_somebody_is_being_erased(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->bob, c->ann, "ugly");

	assert_ok(store_erase_begin(c->store, c->cat, ++c->now));
	assert_int_equal(try_report(c, AS(c->ann), place.id),
			 STORE_UNAVAILABLE);
	contract_erase_on(c);
	assert_ok(try_report(c, AS(c->ann), place.id));
}

static void who_is_erased_is_so_in_what_was_reported(void **state)
{
	struct contract *c = *state;
	struct contract_place place;
	struct contract_rows *rows;

	contract_place(c, c->ann, c->bob, "hi");
	place = contract_place(c, c->bob, c->ann, "ugly");
	assert_ok(try_report(c, AS(c->ann), place.id));
	contract_erase(c, c->bob);
	rows = read_support(c);
	assert_int_equal(rows->messages, 3);
	assert_null(strstr(rows->message[0].content, "\"Bob\""));
	assert_non_null(strstr(rows->message[0].content, "it is rude"));
	assert_string_equal(rows->message[1].content, "hi");
	assert_true(rows->message[2].deleted);
	assert_string_equal(rows->message[2].sender_name, "");
	contract_rows_free(rows);
	contract_erase(c, c->ann);
	rows = read_support(c);
	assert_int_equal(rows->messages, 3);
	assert_string_equal(rows->message[0].sender_name, "");
	assert_null(strstr(rows->message[0].content, "rude"));
	assert_non_null(strstr(rows->message[0].content, "\"direct\""));
	assert_string_equal(rows->message[1].content, "");
	contract_rows_free(rows);
}

/* A file that came along is readable there, and no other. */
static void operators_read_the_file_that_was_reported(void **state)
{
	struct contract *c = *state;
	struct store_file file = {
		.hash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e"
			"73043362938b9824",
		.name = (char *)"x",
		.mime = (char *)"text/plain",
		.size = 1,
		.created_at = ++c->now,
	};
	struct store_file found;
	struct store_sent sent;
	struct store_send send = {
		.sender_name = "Bob",
		.to = c->ann,
		.kind = MESSAGE_FILE,
		.content = "",
		.attachment = file.id,
		.now_ms = ++c->now,
	};

	memcpy(file.owner, c->bob, ID_SIZE);
	assert_ok(store_file_add(c->store, &file, 100));
	assert_ok(store_send(c->store, AS(c->bob), &send, &sent));
	assert_int_equal(
		store_file_get(c->store, OPERATOR(c->cat), file.id, &found),
		STORE_NOT_FOUND);
	assert_ok(try_report(c, AS(c->ann), sent.message.id));
	assert_ok(store_file_get(c->store, OPERATOR(c->cat), file.id, &found));
	store_file_done(&found);
	change(c, c->bob, sent.message.id, CHANGE_DELETE, NULL);
	assert_ok(store_file_get(c->store, OPERATOR(c->cat), file.id, &found));
	store_file_done(&found);
	contract_erase(c, c->bob);
	assert_int_equal(
		store_file_get(c->store, OPERATOR(c->cat), file.id, &found),
		STORE_NOT_FOUND);
	store_sent_done(&sent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(it_and_four_before_it_are_in_support),
		CONTRACT_TEST(what_was_hidden_of_ones_own_is_copied_too),
		CONTRACT_TEST(a_copy_stays_as_it_was_said),
		CONTRACT_TEST(
			a_copy_is_not_its_reporters_to_change_but_what_they_say_of_it_is),
		CONTRACT_TEST(one_person_reports_a_message_once),
		CONTRACT_TEST(what_is_not_theirs_to_report),
		CONTRACT_TEST(what_is_hidden_is_not_reported_or_copied),
		CONTRACT_TEST(so_many_are_reported_in_a_day),
		CONTRACT_TEST(a_list_goes_on_where_there_is_no_report_any_more),
		CONTRACT_TEST(a_report_is_written_down),
		CONTRACT_TEST(who_is_erased_is_so_in_what_was_reported),
		CONTRACT_TEST(nothing_is_copied_while_somebody_is_being_erased),
		CONTRACT_TEST(operators_read_the_file_that_was_reported),
	};

	return contract_run("reports", tests, sizeof(tests) / sizeof(tests[0]));
}
