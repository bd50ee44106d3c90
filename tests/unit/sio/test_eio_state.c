#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "eio_state.h"

static void every_pair_has_a_row_and_closed_is_final(void **state)
{
	(void)state;
	for (int in = 0; in < EIO_INPUTS; in++) {
		for (int at = 0; at < EIO_STATES; at++) {
			struct eio_step step = eio_step((enum eio_state)at,
							(enum eio_input)in);
			assert_in_range(step.next, 0, EIO_STATES - 1);
		}
		assert_int_equal(eio_step(EIO_CLOSED, (enum eio_input)in).next,
				 EIO_CLOSED);
	}
}

static void the_only_way_to_websocket_is_attach_and_upgrade(void **state)
{
	(void)state;
	for (int at = 0; at < EIO_STATES; at++) {
		for (int in = 0; in < EIO_INPUTS; in++) {
			struct eio_step step = eio_step((enum eio_state)at,
							(enum eio_input)in);
			if (step.next == EIO_WEBSOCKET && at != EIO_WEBSOCKET) {
				assert_true(
					eio_state_probing((enum eio_state)at));
				assert_int_equal(in, EIO_IN_UPGRADE);
			}
			if (step.next == EIO_UPGRADING && at != EIO_UPGRADING) {
				assert_int_equal(at, EIO_PROBED);
				assert_int_equal(in, EIO_IN_PROBE);
			}
		}
	}
}

static void before_the_upgrade_no_websocket_input_ends_the_session(void **state)
{
	(void)state;
	for (int at = EIO_POLLING; at <= EIO_UPGRADING; at++) {
		for (int in = EIO_IN_ATTACH; in < EIO_INPUTS; in++)
			assert_true(eio_state_open(
				eio_step((enum eio_state)at, (enum eio_input)in)
					.next));
	}
}

static void a_get_is_held_only_while_polling_is_the_transport(void **state)
{
	(void)state;
	assert_int_equal(eio_step(EIO_POLLING, EIO_IN_GET).action, EIO_DO_HOLD);
	assert_int_equal(eio_step(EIO_PROBED, EIO_IN_GET).action, EIO_DO_HOLD);
	assert_int_equal(eio_step(EIO_UPGRADING, EIO_IN_GET).action,
			 EIO_DO_NOOP);
	assert_int_equal(eio_step(EIO_WEBSOCKET, EIO_IN_GET).action,
			 EIO_DO_REFUSE);
	assert_int_equal(eio_step(EIO_ENDING, EIO_IN_GET).action, EIO_DO_KEEP);
	assert_int_equal(eio_step(EIO_LINGERING, EIO_IN_GET).action,
			 EIO_DO_LAST);
	assert_int_equal(eio_step(EIO_CLOSED, EIO_IN_GET).action,
			 EIO_DO_REFUSE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_has_a_row_and_closed_is_final),
		cmocka_unit_test(
			the_only_way_to_websocket_is_attach_and_upgrade),
		cmocka_unit_test(
			before_the_upgrade_no_websocket_input_ends_the_session),
		cmocka_unit_test(
			a_get_is_held_only_while_polling_is_the_transport),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
