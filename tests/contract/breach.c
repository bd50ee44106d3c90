#include "breach.h"

#include <string.h>

void breach_fill(struct contract *c)
{
	struct contract_place first = contract_place(c, c->ann, c->bob, "1");
	struct contract_place edited = contract_place(c, c->bob, c->ann, "2");
	struct contract_place deleted = contract_place(c, c->ann, c->bob, "3");
	struct store_sent keyed = contract_say(c, c->ann, c->bob, "4", "k");
	struct store_send reply = {
		.to = c->bob, .content = "5", .reply_to = first.id};

	store_sent_done(&keyed);
	assert_ok(contract_try(c, c->ann, &reply));
	contract_edit(c, c->bob, edited.id, "2b");
	contract_edit(c, c->ann, deleted.id, NULL);
}

struct search {
	const char *what, *conversation;
	int found, other;
};

static void search(const char *conversation, const char *what, void *context)
{
	struct search *s = context;

	if (strstr(what, s->what) == NULL)
		return;
	s->found++;
	if (strcmp(conversation, s->conversation) != 0)
		s->other++;
}

/* These fixtures end with no clean verify. */
void breach_assert_found(const struct breach *breach,
			 void (*damage)(struct contract *, const char *))
{
	struct contract *c;
	struct search s = {.what = breach->what};
	char direct[ID_SIZE];
	int64_t checked;

	assert_int_equal(contract_setup((void **)&c), 0);
	breach_fill(c);
	contract_assert_clean(c->store);
	id_direct(c->ann, c->bob, direct);
	s.conversation =
		breach->conversation != NULL ? breach->conversation : direct;
	damage(c, breach->damage);
	assert_ok(store_verify(c->store, &checked, search, &s));
	if (s.found == 0)
		fail_msg("not found: %s", breach->what);
	assert_int_equal(s.other, 0);
	assert_int_equal(checked,
			 strcmp(s.conversation, BREACH_GROUP) == 0 ? 2 : 1);
	contract_discard(c);
}
