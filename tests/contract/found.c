#include "found.h"

#include <stdlib.h>
#include <string.h>

#include "backends.h"
#include "children.h"
#include "mem.h"

void found_keep(struct contract *c)
{
	int64_t again_ms;

	contract_reopen(c);
	for (int i = 0; i < 10; i++)
		assert_ok(store_keep(c->store, ++c->now, &again_ms));
}

/* MongoDB's test server on a busy machine may take longer for much of it than
 * a verb may. */
static void find_page(struct contract *c, const char *who,
		      struct store_search *search, struct contract_rows *rows)
{
	size_t before = rows->messages;
	bool slow = strcmp(contract_backend()->name, "mongodb") == 0;
	enum store_status status;
	int tries = 0;

	do {
		while (rows->messages > before)
			store_message_done(&rows->message[--rows->messages]);
		status = store_search(c->store, AS(who), search,
				      contract_each_message, rows);
	} while (slow && children_try_again(status, &tries));
	assert_ok(status);
}

char *found_pages(struct contract *c, const char *who, const char *query,
		  struct store_search search, size_t pages)
{
	struct contract_rows *rows = contract_rows_new();
	char *text = xstrdup(""), *longer;
	struct store_terms terms;
	char before[ID_SIZE];

	assert_true(store_terms_read(query, &terms));
	search.terms = &terms;
	for (size_t i = 0; i < pages; i++) {
		find_page(c, who, &search, rows);
		if (search.next[0] == '\0')
			break;
		memcpy(before, search.next, ID_SIZE);
		search.before = before;
	}
	for (size_t i = 0; i < rows->messages; i++) {
		longer = xasprintf("%s%s%s", text, i > 0 ? "|" : "",
				   rows->message[i].content);
		free(text);
		text = longer;
	}
	contract_rows_free(rows);
	return text;
}

void found_assert(struct contract *c, const char *who, const char *query,
		  const char *want)
{
	char *found = found_pages(c, who, query,
				  (struct store_search){.limit = 9}, 9);

	if (strcmp(found, want) != 0)
		fail_msg("%s: '%s', not '%s'", query, found, want);
	free(found);
}

void found_assert_always(struct contract *c, const char *query,
			 const char *want)
{
	found_assert(c, c->ann, query, want);
	found_keep(c);
	found_assert(c, c->ann, query, want);
}
