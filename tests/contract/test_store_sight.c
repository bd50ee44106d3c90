/* What one may see of a conversation, which no backend decides by itself. */
#include "contract.h"

#include "mem.h"
#include "store_backend.h"

#define NO_MEMBER (-1)

static void sight_is_by_membership_or_by_role(void **state)
{
	static const struct {
		enum store_conversation_kind kind;
		enum store_role role;
		int64_t joined, sees_from; /* 0: nothing */
	} cases[] = {
		{CONVERSATION_DIRECT, ROLE_USER, 1, 1},
		{CONVERSATION_DIRECT, ROLE_USER, NO_MEMBER, 0},
		{CONVERSATION_DIRECT, ROLE_OPERATOR, NO_MEMBER, 0},
		{CONVERSATION_GROUP, ROLE_USER, 7, 7},
		{CONVERSATION_GROUP, ROLE_USER, 0, 1},
		{CONVERSATION_GROUP, ROLE_OPERATOR, 7, 7},
		{CONVERSATION_GROUP, ROLE_OPERATOR, NO_MEMBER, 0},
		{CONVERSATION_SUPPORT, ROLE_GUEST, 1, 1},
		{CONVERSATION_SUPPORT, ROLE_GUEST, NO_MEMBER, 0},
		{CONVERSATION_SUPPORT, ROLE_USER, NO_MEMBER, 0},
		{CONVERSATION_SUPPORT, ROLE_OPERATOR, NO_MEMBER, 1},
		{CONVERSATION_LOBBY, ROLE_GUEST, NO_MEMBER, 1},
		{CONVERSATION_LOBBY, ROLE_USER, NO_MEMBER, 1},
		{CONVERSATION_LOBBY, ROLE_OPERATOR, NO_MEMBER, 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct store_viewer viewer = {"a", cases[i].role};
		const struct store_member me = {.joined_seq = cases[i].joined};

		assert_int_equal(
			store_sight(&viewer, cases[i].kind,
				    cases[i].joined == NO_MEMBER ? NULL : &me),
			cases[i].sees_from);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sight_is_by_membership_or_by_role),
	};

	return cmocka_run_group_tests_name("sight", tests, NULL, NULL);
}
