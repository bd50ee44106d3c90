#include "chat_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "address_block.h"
#include "store.h"

#define ADDRESS "192.0.2.7"

/* Two workers of one server, with one store. */
struct workers {
	struct chat *chat;
	struct app *one, other;
};

static struct workers workers_begin(struct chat *chat)
{
	struct workers w = {.chat = chat, .one = &chat->app};

	chat->app.address_changes = address_changes_new();
	w.other = chat->app;
	return w;
}

static void workers_end(struct workers *w)
{
	address_changes_free(w->one->address_changes);
	address_blocks_free(w->other.blocked);
	address_blocks_free(w->one->blocked);
	w->one->address_changes = NULL;
	w->one->blocked = NULL;
}

static void act(struct workers *w, enum store_act act)
{
	const struct store_viewer viewer = {ID_CTL, ROLE_OPERATOR};
	const struct store_deed deed = {
		.act = act,
		.detail = ADDRESS,
		.until = w->chat->now_ms + 3600000,
		.now_ms = w->chat->now_ms,
	};

	assert_int_equal(store_operator_act(w->one->store, &viewer, &deed),
			 STORE_OK);
}

static bool other_has(struct workers *w)
{
	return address_block_has(&w->other, ADDRESS, false, w->chat->now_ms);
}

static bool other_has_at_its_next_request(struct workers *w)
{
	address_block_begin(&w->other);
	return other_has(w);
}

static void a_change_holds_for_every_request_that_begins_then(void **state)
{
	struct workers w = workers_begin(*state);

	assert_false(other_has_at_its_next_request(&w));
	act(&w, ACT_BLOCK);
	address_block_changed(w.one);
	assert_true(other_has_at_its_next_request(&w));
	act(&w, ACT_UNBLOCK);
	address_block_changed(w.one);
	assert_false(other_has_at_its_next_request(&w));
	workers_end(&w);
}

/* Whoever holds a state of the store that is older than the change reads a list
 * without it. */
static void a_list_is_as_old_as_its_request(void **state)
{
	struct workers w = workers_begin(*state);

	address_block_begin(&w.other);
	address_block_changed(w.one);
	assert_false(other_has(&w));
	act(&w, ACT_BLOCK);
	assert_true(other_has_at_its_next_request(&w));
	act(&w, ACT_UNBLOCK);
	workers_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_change_holds_for_every_request_that_begins_then),
		cmocka_unit_test(a_list_is_as_old_as_its_request),
	};
	return cmocka_run_group_tests(tests, chat_set_up, chat_tear_down);
}
