#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "room.h"

#define ID "0123456789abcdef01234567"

static void every_kind_of_room_has_its_letter(void **state)
{
	(void)state;
	char name[ROOM_SIZE];

	room_of_user(ID, name);
	assert_string_equal(name, "u:" ID);
	room_of_conversation(ID, name);
	assert_string_equal(name, "c:" ID);
	room_of_watchers(ID, name);
	assert_string_equal(name, "w:" ID);
}

static void a_name_has_1_to_64_bytes_and_no_blank(void **state)
{
	(void)state;
	char name[ROOM_SIZE + 1];

	memset(name, 'x', sizeof(name));
	name[ROOM_MAX] = '\0';
	assert_true(room_valid(name));
	assert_true(room_valid(ROOM_OPERATOR));
	assert_true(room_valid(ROOM_LOBBY));
	name[ROOM_MAX] = 'x';
	name[ROOM_MAX + 1] = '\0';
	assert_false(room_valid(name));
	assert_false(room_valid(""));
	assert_false(room_valid("a b"));
	assert_false(room_valid(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_room_has_its_letter),
		cmocka_unit_test(a_name_has_1_to_64_bytes_and_no_blank),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
