#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "json.h"
#include "json_text.h"
#include "view.h"

#define ANN "0190000000000000000000a1"
#define BOB "0190000000000000000000b2"
#define CAT "0190000000000000000000c3"
#define TALK "0190000000000000000000d4"
#define TEXT "0190000000000000000000e5"

static struct store_member member(const char *id, int64_t received,
				  int64_t read)
{
	struct store_member out = {.received_seq = received, .read_seq = read};

	memcpy(out.user_id, id, ID_SIZE);
	return out;
}

static void a_message_is_read_when_all_others_have_read_it(void **state)
{
	(void)state;
	const struct store_member three[] = {
		member(ANN, 0, 0), member(BOB, 5, 5), member(CAT, 9, 7)};

	assert_int_equal(view_ticks(three, 3, ANN, 5), TICKS_READ);
	assert_int_equal(view_ticks(three, 3, ANN, 6), TICKS_SENT);
	assert_int_equal(view_ticks(three, 2, ANN, 6), TICKS_SENT);
}

static void the_slowest_of_the_others_decides(void **state)
{
	(void)state;
	const struct store_member three[] = {
		member(ANN, 0, 0), member(BOB, 7, 7), member(CAT, 7, 6)};

	assert_int_equal(view_ticks(three, 3, ANN, 7), TICKS_RECEIVED);
	assert_int_equal(view_ticks(three, 3, ANN, 6), TICKS_READ);
	/* Ann herself has seen nothing of Bob's. */
	assert_int_equal(view_ticks(three, 3, BOB, 6), TICKS_SENT);
}

static void a_message_that_nobody_else_can_see_stays_sent(void **state)
{
	(void)state;
	const struct store_member one[] = {member(ANN, 9, 9)};

	assert_int_equal(view_ticks(one, 1, ANN, 1), TICKS_SENT);
	assert_int_equal(view_ticks(NULL, 1000, ANN, 1), TICKS_SENT);
}

static void who_came_later_has_no_say(void **state)
{
	(void)state;
	struct store_member three[] = {member(ANN, 9, 9), member(BOB, 4, 4),
				       member(CAT, 7, 7)};

	three[2].joined_seq = 6;
	assert_int_equal(view_ticks(three, 3, ANN, 5), TICKS_SENT);
	assert_int_equal(view_ticks(three, 3, ANN, 4), TICKS_READ);
	three[1].joined_seq = 6;
	assert_int_equal(view_ticks(three, 3, ANN, 5), TICKS_SENT);
}

static struct store_message a_message(void)
{
	return (struct store_message){
		.id = TEXT,
		.conversation = TALK,
		.sender = ANN,
		.recipient = BOB,
		.seq = 3,
		.kind = MESSAGE_TEXT,
		.conversation_kind = CONVERSATION_DIRECT,
		.sender_name = (char *)"Ann",
		.content = (char *)"h\xc3\xa9",
		.created_at = 1,
	};
}

static void assert_prints(struct json_object *value, const char *want)
{
	assert_string_equal(json_print(value, NULL), want);
	json_free(value);
}

/* What a client makes of it; takes value. */
static struct json_object *read_back(struct json_object *value)
{
	struct json_object *out = NULL;
	size_t len;
	const char *text = json_print(value, &len);

	assert_int_equal(json_parse(text, len, JSON_OURS(8), &out), JSON_OK);
	json_free(value);
	return out;
}

static void a_message_has_every_name_the_wire_knows(void **state)
{
	(void)state;
	struct store_message message = a_message();

	assert_prints(view_message(&message, NULL),
		      "{\"_id\":\"" TEXT "\",\"conversationId\":\"" TALK
		      "\",\"seq\":3,\"kind\":\"text\",\"sender\":\"" ANN
		      "\",\"senderName\":\"Ann\",\"recipient\":\"" BOB
		      "\",\"content\":\"h\xc3\xa9\","
		      "\"createdAt\":\"1970-01-01T00:00:00.001Z\","
		      "\"status\":\"sent\",\"edited\":false,\"deleted\":false,"
		      "\"change\":0,"
		      "\"clientId\":null,\"replyTo\":null,\"attachment\":null,"
		      "\"mentions\":[],\"reactions\":[]}");
}

static void a_deleted_message_shows_no_content(void **state)
{
	(void)state;
	struct store_message message = a_message();
	const char *content = NULL;

	message.deleted = true;

	struct json_object *view = read_back(view_message(&message, NULL));

	json_get_string(view, "content", &content);
	assert_string_equal(content, "");
	json_free(view);
}

static struct store_conversation a_talk(struct store_member *members,
					struct store_user *other)
{
	return (struct store_conversation){
		.id = TALK,
		.kind = CONVERSATION_DIRECT,
		.title = (char *)"",
		.last_seq = 5,
		.last_change = 2,
		.member_count = 2,
		.members = members,
		.me = members[0],
		.other = other,
	};
}

static struct json_object *shown(const struct store_conversation *talk)
{
	struct view_people people;
	struct json_text text;

	json_text_init(&text);
	view_people_init(&people, &text);
	view_conversation_write(&people, NULL, talk);
	view_people_done(&people);
	return read_back(json_text_take(&text));
}

/* Of a message from Ann that Bob's block hid, whose marks are at 3. */
static void assert_unseen(int64_t seq, bool over, bool unseen)
{
	struct store_member members[] = {member(ANN, 9, 9), member(BOB, 3, 3)};
	const struct store_conversation talk = a_talk(members, NULL);
	struct store_message message = a_message();
	bool told = false;
	const char *status = NULL;

	message.seq = seq;
	message.hidden = true;
	message.unseen = over;

	struct json_object *view = read_back(view_message(&message, &talk));

	json_get_bool(view, "unseen", &told);
	json_get_string(view, "status", &status);
	assert_int_equal(told, unseen);
	assert_string_equal(status, "sent");
	json_free(view);
}

static void what_a_block_hid_is_never_taken_for_read(void **state)
{
	(void)state;
	assert_unseen(4, false, false);
	assert_unseen(4, true, true);
	assert_unseen(3, false, true);
}

static void a_conversation_counts_what_its_viewer_has_not_read(void **state)
{
	(void)state;
	struct store_member members[] = {member(ANN, 4, 3), member(BOB, 5, 5)};
	struct store_user bob = {.id = BOB, .username = (char *)"bob"};
	struct store_conversation talk = a_talk(members, &bob);

	talk.unread = 2;

	struct json_object *view = shown(&talk);
	int64_t unread = -1;

	json_get_int(view, "unread", &unread);
	assert_int_equal(unread, 2);
	assert_int_equal(json_length(json_any(view, "members")), 2);
	json_free(view);
}

static void what_all_members_get_is_nobodys_own(void **state)
{
	(void)state;
	struct store_member members[] = {member(ANN, 4, 3), member(BOB, 5, 5)};
	struct store_user bob = {.id = BOB, .username = (char *)"bob"};
	struct store_conversation talk = a_talk(members, &bob);
	struct json_text text;

	json_text_init(&text);
	view_shared_conversation_write(&text, NULL, &talk);
	assert_prints(json_text_take(&text),
		      "{\"_id\":\"" TALK
		      "\",\"kind\":\"direct\",\"title\":\"\",\"avatar\":\"\","
		      "\"members\":[{\"userId\":\"" ANN
		      "\",\"role\":\"member\","
		      "\"joinedSeq\":0,\"receivedSeq\":4,\"readSeq\":3},"
		      "{\"userId\":\"" BOB "\",\"role\":\"member\","
		      "\"joinedSeq\":0,\"receivedSeq\":5,\"readSeq\":5}],"
		      "\"lastMessage\":null,\"lastSeq\":5,\"lastChange\":2,"
		      "\"updatedAt\":\"1970-01-01T00:00:00.000Z\"}");
}

/* It is read for somebody, as whom they are all told. */
static void of_what_all_get_no_reaction_is_their_own(void **state)
{
	(void)state;
	struct store_member members[] = {member(ANN, 4, 3), member(BOB, 5, 5)};
	struct store_user bob = {.id = BOB, .username = (char *)"bob"};
	struct store_conversation talk = a_talk(members, &bob);
	struct store_message last = a_message();
	struct json_text text;

	last.reactions = (char *)"[{\"emoji\":\"1\",\"count\":2,\"mine\":"
				 "true,\"users\":[]},{\"emoji\":\"2\","
				 "\"count\":3,\"mine\":false,\"users\":[]}]";
	talk.last_message = &last;
	json_text_init(&text);
	view_shared_conversation_write(&text, NULL, &talk);
	assert_null(strstr(text.buf.data, "\"mine\""));
	assert_non_null(strstr(text.buf.data, "\"count\":2,\"users\""));
	assert_non_null(strstr(text.buf.data, "\"count\":3,\"users\""));
	json_text_done(&text);
}

static void presence_is_filled_in_for_everyone_at_once(void **state)
{
	(void)state;
	struct store_member members[] = {member(ANN, 4, 3), member(BOB, 5, 5)};
	struct store_user bob = {.id = BOB, .username = (char *)"bob"};
	struct store_conversation talk = a_talk(members, &bob);
	struct view_people people;
	struct json_text text;
	const char *status = NULL;

	json_text_init(&text);
	view_people_init(&people, &text);
	view_conversation_write(&people, NULL, &talk);
	assert_int_equal(people.count, 1);
	assert_string_equal(people.shown[0].id, BOB);
	assert_non_null(strstr(text.buf.data, "\"offline\""));
	view_people_online(&people, 0);

	struct json_object *view = read_back(json_text_take(&text));

	json_get_string(json_any(view, "otherUser"), "status", &status);
	assert_string_equal(status, "online");
	view_people_done(&people);
	json_free(view);
}

static void more_members_than_are_shown_are_none(void **state)
{
	(void)state;
	struct store_member me = member(ANN, 1, 1);
	struct store_conversation talk = a_talk(&me, NULL);

	talk.kind = CONVERSATION_GROUP;
	talk.members = NULL;
	talk.member_count = 101;

	struct json_object *view = shown(&talk);

	assert_null(json_any(view, "members"));
	json_free(view);
}

static struct json_object *receipt(const struct store_read_marks *marks,
				   bool read)
{
	struct json_text text;

	json_text_init(&text);
	view_receipt_write(&text, NULL, marks, read);
	return json_text_take(&text);
}

static void a_receipt_names_its_message_as_old_clients_look_for_it(void **state)
{
	(void)state;
	struct store_read_marks marks = {
		.conversation = TALK,
		.user_id = BOB,
		.received_seq = 4,
		.read_seq = 3,
		.read_message = TEXT,
	};

	assert_prints(receipt(&marks, true),
		      "{\"messageId\":\"" TEXT "\",\"_id\":\"" TEXT
		      "\",\"id\":\"" TEXT "\",\"conversationId\":\"" TALK
		      "\",\"userId\":\"" BOB "\",\"readSeq\":3}");
	assert_prints(receipt(&marks, false),
		      "{\"messageId\":null,\"_id\":null,\"id\":null,"
		      "\"conversationId\":\"" TALK "\",\"userId\":\"" BOB
		      "\",\"receivedSeq\":4}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_message_is_read_when_all_others_have_read_it),
		cmocka_unit_test(the_slowest_of_the_others_decides),
		cmocka_unit_test(a_message_that_nobody_else_can_see_stays_sent),
		cmocka_unit_test(who_came_later_has_no_say),
		cmocka_unit_test(a_message_has_every_name_the_wire_knows),
		cmocka_unit_test(a_deleted_message_shows_no_content),
		cmocka_unit_test(what_a_block_hid_is_never_taken_for_read),
		cmocka_unit_test(
			a_conversation_counts_what_its_viewer_has_not_read),
		cmocka_unit_test(what_all_members_get_is_nobodys_own),
		cmocka_unit_test(of_what_all_get_no_reaction_is_their_own),
		cmocka_unit_test(presence_is_filled_in_for_everyone_at_once),
		cmocka_unit_test(more_members_than_are_shown_are_none),
		cmocka_unit_test(
			a_receipt_names_its_message_as_old_clients_look_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
