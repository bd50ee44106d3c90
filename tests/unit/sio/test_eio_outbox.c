#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "eio_message.h"
#include "eio_outbox.h"
#include "mem.h"

/* A maximum that takes so many messages, of so many bytes in all. */
#define ROOM(messages, bytes) ((messages) * EIO_OUTBOX_OVERHEAD + (bytes))

static uint64_t dropped;

static enum eio_push push(struct eio_outbox *outbox, const char *text,
			  bool droppable, uint32_t max)
{
	struct eio_message *message = eio_message_text(text, strlen(text));
	enum eio_push result =
		eio_outbox_push(outbox, message, droppable, max, &dropped);

	eio_message_unref(message);
	return result;
}

static char first_of(const struct eio_outbox *outbox, uint32_t i)
{
	return (char)eio_outbox_at(outbox, i)->wire[2];
}

static void a_frame_has_the_length_field_its_size_needs(void **state)
{
	static const struct {
		size_t len, header;
	} sizes[] = {{0, 2},	 {125, 2},    {126, 4},
		     {65535, 4}, {65536, 10}, {70000, 10}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		char *text = xmalloc(sizes[i].len + 1);
		struct eio_packet packet;
		size_t offset = 0;

		memset(text, '4', sizes[i].len + 1);
		struct eio_part part = {
			.body = text, .body_len = sizes[i].len, .binary = true};
		struct eio_message *message = eio_message_new(&part, 1);

		assert_int_equal(message->wire[0], 0x82);
		assert_int_equal(message->len, sizes[i].header + sizes[i].len);
		assert_true(eio_message_next(message, &offset, &packet));
		assert_int_equal(packet.len, sizes[i].len);
		assert_false(eio_message_next(message, &offset, &packet));
		eio_message_unref(message);
		free(text);
	}
}

static void a_packet_and_its_attachments_are_one_message(void **state)
{
	const struct eio_part parts[] = {
		{"4", 1, "51-[]", 5, false},
		{NULL, 0, "\x01\x02", 2, true},
	};
	struct eio_message *message = eio_message_new(parts, 2);
	struct eio_packet packet;
	size_t offset = 0;

	(void)state;
	assert_memory_equal(message->wire,
			    "\x81\x06"
			    "451-[]\x82\x02\x01\x02",
			    12);
	assert_true(eio_message_next(message, &offset, &packet));
	assert_int_equal(packet.type, EIO_MESSAGE);
	assert_memory_equal(packet.data, "51-[]", 5);
	assert_true(eio_message_next(message, &offset, &packet));
	assert_true(packet.binary);
	assert_false(eio_message_next(message, &offset, &packet));
	eio_message_unref(message);
}

static void messages_leave_in_the_order_they_came(void **state)
{
	struct eio_outbox outbox = {0};
	char text[2] = "A";

	(void)state;
	for (int i = 0; i < 20; i++) {
		text[0] = (char)('A' + i);
		assert_int_equal(push(&outbox, text, false, 10000), EIO_PUSHED);
		if (i % 3 == 2) /* the ring turns */
			eio_outbox_wrote(&outbox, 3);
	}
	for (char expected = 'A' + 6; outbox.len > 0; expected++) {
		assert_int_equal(first_of(&outbox, 0), expected);
		eio_outbox_wrote(&outbox, 3);
	}
}

static void an_empty_outbox_holds_no_memory(void **state)
{
	struct eio_outbox outbox = {0};

	(void)state;
	push(&outbox, "a", false, 10000);
	push(&outbox, "b", false, 10000);
	assert_int_equal(outbox.bytes, ROOM(2, 6));
	eio_outbox_wrote(&outbox, 6);
	assert_null(outbox.ring);
	assert_int_equal(outbox.bytes, 0);
}

static void bytes_may_be_written_in_any_pieces(void **state)
{
	struct eio_outbox outbox = {0};

	(void)state;
	push(&outbox, "aaaa", false, 10000);
	push(&outbox, "bbbb", false, 10000);
	eio_outbox_wrote(&outbox, 5);
	assert_int_equal(outbox.len, 2);
	assert_int_equal(outbox.written, 5);
	eio_outbox_wrote(&outbox, 2);
	assert_int_equal(outbox.len, 1);
	assert_int_equal(outbox.written, 1);
	assert_int_equal(first_of(&outbox, 0), 'b');
	eio_outbox_wrote(&outbox, 5);
	assert_int_equal(outbox.len, 0);
}

static void droppable_messages_make_room_first(void **state)
{
	struct eio_outbox outbox = {0};

	(void)state;
	dropped = 0;
	push(&outbox, "a", false, ROOM(4, 12));
	push(&outbox, "b", true, ROOM(4, 12));
	push(&outbox, "c", false, ROOM(4, 12));
	push(&outbox, "d", true, ROOM(4, 12));
	assert_int_equal(push(&outbox, "e", false, ROOM(4, 12)), EIO_PUSHED);
	assert_int_equal(dropped, 2);
	assert_int_equal(outbox.len, 3);
	assert_int_equal(first_of(&outbox, 0), 'a');
	assert_int_equal(first_of(&outbox, 1), 'c');
	assert_int_equal(first_of(&outbox, 2), 'e');
	eio_outbox_clear(&outbox);
}

static void a_droppable_message_is_dropped_rather_than_closing(void **state)
{
	struct eio_outbox outbox = {0};

	(void)state;
	dropped = 0;
	push(&outbox, "a", false, ROOM(1, 4));
	assert_int_equal(push(&outbox, "b", true, ROOM(1, 4)), EIO_DROPPED);
	assert_int_equal(dropped, 1);
	assert_int_equal(push(&outbox, "c", false, ROOM(1, 4)), EIO_FULL);
	assert_int_equal(outbox.len, 1);
	eio_outbox_clear(&outbox);
}

static void a_message_half_written_is_never_dropped(void **state)
{
	struct eio_outbox outbox = {0};

	(void)state;
	push(&outbox, "aaaa", true, ROOM(2, 12));
	push(&outbox, "bbbb", true, ROOM(2, 12));
	eio_outbox_wrote(&outbox, 2);
	assert_int_equal(push(&outbox, "c", false, ROOM(2, 12)), EIO_PUSHED);
	assert_int_equal(outbox.len, 2);
	assert_int_equal(first_of(&outbox, 0), 'a');
	assert_int_equal(first_of(&outbox, 1), 'c');
	eio_outbox_clear(&outbox);
}

static void tiny_messages_count_for_the_memory_they_take(void **state)
{
	struct eio_outbox outbox = {0};
	int count = 0;

	(void)state;
	while (push(&outbox, "4", false, 4800) == EIO_PUSHED)
		count++;
	assert_true(count > 0 && count < 100);
	assert_true(outbox.bytes <= 4800);
	eio_outbox_clear(&outbox);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_has_the_length_field_its_size_needs),
		cmocka_unit_test(a_packet_and_its_attachments_are_one_message),
		cmocka_unit_test(messages_leave_in_the_order_they_came),
		cmocka_unit_test(an_empty_outbox_holds_no_memory),
		cmocka_unit_test(bytes_may_be_written_in_any_pieces),
		cmocka_unit_test(droppable_messages_make_room_first),
		cmocka_unit_test(
			a_droppable_message_is_dropped_rather_than_closing),
		cmocka_unit_test(a_message_half_written_is_never_dropped),
		cmocka_unit_test(tiny_messages_count_for_the_memory_they_take),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
