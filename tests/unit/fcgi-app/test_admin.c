#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "admin.h"
#include "ctl_commands.h"

static void each_command_of_the_store_has_a_function(void **state)
{
	(void)state;
	for (size_t i = 0; ctl_commands[i].name != NULL; i++) {
		bool ours = ctl_commands[i].place == CTL_STORE;

		assert_int_equal(admin_knows(ctl_commands[i].name), ours);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_command_of_the_store_has_a_function),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
