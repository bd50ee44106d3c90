#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "eio_wheel.h"

struct alarm {
	struct eio_timer timer;
	int fired;
	struct eio_timer *cancels;
	int64_t again_ms;
};

static struct eio_wheel wheel;
static int64_t now;

static void fire(struct eio_timer *timer, void *user)
{
	struct alarm *alarm = (struct alarm *)timer;

	(void)user;
	alarm->fired++;
	if (alarm->cancels != NULL)
		eio_wheel_cancel(&wheel, alarm->cancels);
	if (alarm->again_ms > 0)
		eio_wheel_set(&wheel, timer, now + alarm->again_ms);
}

static void advance(int64_t to)
{
	now = to;
	eio_wheel_advance(&wheel, to, fire, NULL);
}

static int start(void **state)
{
	(void)state;
	now = 5000;
	eio_wheel_init(&wheel, 10, now);
	return 0;
}

static void a_timer_fires_once_and_not_before_its_moment(void **state)
{
	struct alarm alarm = {0};

	(void)state;
	eio_wheel_set(&wheel, &alarm.timer, now + 95);
	advance(5094);
	assert_int_equal(alarm.fired, 0);
	advance(5100);
	assert_int_equal(alarm.fired, 1);
	advance(9000);
	assert_int_equal(alarm.fired, 1);
}

static void a_moment_of_the_past_fires_at_the_next_tick(void **state)
{
	struct alarm alarm = {0};

	(void)state;
	advance(5100);
	eio_wheel_set(&wheel, &alarm.timer, 4000);
	advance(5109);
	assert_int_equal(alarm.fired, 0);
	advance(5110);
	assert_int_equal(alarm.fired, 1);
}

static void moments_beyond_one_turn_wait_their_rounds(void **state)
{
	struct alarm alarm = {0};
	int64_t turn = (int64_t)EIO_WHEEL_SLOTS * 10;

	(void)state;
	eio_wheel_set(&wheel, &alarm.timer, now + 3 * turn + 50);
	for (int64_t at = now; at < 5000 + 3 * turn + 50; at += 10)
		advance(at);
	assert_int_equal(alarm.fired, 0);
	advance(5000 + 3 * turn + 50);
	assert_int_equal(alarm.fired, 1);
}

static void a_cancelled_timer_stays_silent_and_setting_replaces(void **state)
{
	struct alarm one = {0}, two = {0};

	(void)state;
	eio_wheel_set(&wheel, &one.timer, now + 50);
	eio_wheel_set(&wheel, &two.timer, now + 50);
	eio_wheel_cancel(&wheel, &one.timer);
	eio_wheel_set(&wheel, &two.timer, now + 200);
	advance(5100);
	assert_int_equal(one.fired, 0);
	assert_int_equal(two.fired, 0);
	advance(5200);
	assert_int_equal(two.fired, 1);
	assert_int_equal(wheel.armed, 0);
}

static void a_firing_timer_may_cancel_its_neighbours(void **state)
{
	struct alarm alarms[3] = {0};

	(void)state;
	for (int i = 0; i < 3; i++) {
		eio_wheel_set(&wheel, &alarms[i].timer, now + 50);
		alarms[i].cancels = &alarms[(i + 1) % 3].timer;
	}
	advance(5100);
	assert_int_equal(alarms[0].fired + alarms[1].fired + alarms[2].fired,
			 2);
	assert_int_equal(wheel.armed, 0);
}

static void a_firing_timer_may_set_itself_again(void **state)
{
	struct alarm alarm = {.again_ms = 100};

	(void)state;
	eio_wheel_set(&wheel, &alarm.timer, now + 100);
	for (int64_t at = 5000; at <= 6000; at += 10)
		advance(at);
	assert_int_equal(alarm.fired, 10);
	eio_wheel_cancel(&wheel, &alarm.timer);
}

static void a_loop_that_slept_fires_all_that_is_due(void **state)
{
	struct alarm alarms[100] = {0};

	(void)state;
	for (int i = 0; i < 100; i++)
		eio_wheel_set(&wheel, &alarms[i].timer, now + i * 37);
	advance(60000);
	for (int i = 0; i < 100; i++)
		assert_int_equal(alarms[i].fired, 1);
	assert_false(eio_wheel_due(&wheel, &alarms[0].timer, 60000));
}

static void a_moment_is_known_to_the_millisecond(void **state)
{
	struct alarm alarm = {0};

	(void)state;
	eio_wheel_set(&wheel, &alarm.timer, now + 95);
	assert_int_equal(eio_wheel_moment(&wheel, &alarm.timer), 5095);
	assert_false(eio_wheel_due(&wheel, &alarm.timer, 5094));
	assert_true(eio_wheel_due(&wheel, &alarm.timer, 5095));
	advance(5200);
	assert_int_equal(eio_wheel_moment(&wheel, &alarm.timer), 5095);
	/* What was over when it was set is due with its tick. */
	eio_wheel_set(&wheel, &alarm.timer, 1000);
	assert_false(eio_wheel_due(&wheel, &alarm.timer, 5200));
	assert_true(eio_wheel_due(&wheel, &alarm.timer, 5210));
}

#define TEST(name) cmocka_unit_test_setup(name, start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_timer_fires_once_and_not_before_its_moment),
		TEST(a_moment_of_the_past_fires_at_the_next_tick),
		TEST(moments_beyond_one_turn_wait_their_rounds),
		TEST(a_cancelled_timer_stays_silent_and_setting_replaces),
		TEST(a_firing_timer_may_cancel_its_neighbours),
		TEST(a_firing_timer_may_set_itself_again),
		TEST(a_loop_that_slept_fires_all_that_is_due),
		TEST(a_moment_is_known_to_the_millisecond),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
