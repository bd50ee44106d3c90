/*
 * contract - what every test of the store stands on: a fresh store with three
 * users, shorthands for its verbs, and a verify that must be clean at the end.
 */
#ifndef CONTRACT_H
#define CONTRACT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "contract_rows.h"
#include "store.h"

#define CONTRACT_NOW INT64_C(1800000000000)

struct contract {
	char *uri;
	struct store *store;
	char ann[ID_SIZE], bob[ID_SIZE], cat[ID_SIZE];
	int64_t now; /* moves by one with each write below */
};

/* Run the tests on every backend that has the subject (backends.h), or on the
 * one of them that the environment variable PALABRE_TEST_STORE names. Returns
 * how many failed. */
int contract_run(const char *subject, const struct CMUnitTest *tests,
		 size_t count);
/* What only that one can do wrong; nothing where the variable names another. */
int contract_run_on(const char *name, const char *subject,
		    const struct CMUnitTest *tests, size_t count);

/* A fixture per test; contract_teardown() checks that verify finds nothing. */
int contract_setup(void **state);
int contract_teardown(void **state);
void contract_discard(struct contract *c); /* without looking */
#define CONTRACT_TEST(function)                                                \
	cmocka_unit_test_setup_teardown(function, contract_setup,              \
					contract_teardown)

/* The backend under test; a store of any. */
struct backend;
const struct backend *contract_backend(void);
struct store *contract_open_on(const struct backend *backend, const char *uri);

/* Another connection to the same store, as another worker has it. */
struct store *contract_open(const struct contract *c);
struct store *contract_open_watched(const struct contract *c,
				    const struct store_watch *watch);
void contract_reopen(struct contract *c);
void contract_assert_clean(struct store *store);

/* A new user; role user. */
void contract_add_user(struct contract *c, const char *username,
		       char id[ID_SIZE]);

/* Text from one user to another; the whole answer. STORE_OK is asserted. */
struct store_sent contract_say(struct contract *c, const char *from,
			       const char *to, const char *content,
			       const char *client_id);
/* The same when only the place matters. */
struct contract_place {
	char conversation[ID_SIZE], id[ID_SIZE];
	int64_t seq;
};
struct contract_place contract_place(struct contract *c, const char *from,
				     const char *to, const char *content);
/* Both in the lobby. */
struct store_sent contract_say_in_lobby(struct contract *c,
					const struct store_viewer *from,
					const char *content);
struct contract_place contract_place_in_lobby(struct contract *c,
					      const char *from,
					      const char *content);

enum store_status contract_try(struct contract *c, const char *from,
			       struct store_send *send);

/* What another system kept: a text, said then, which is its clientId, too, and
 * is borrowed. */
struct store_import_message contract_imported(const char *sender,
					      const char *text, int64_t at);

/* They block the other one, or no more; true: that is a change. */
bool contract_block(struct contract *c, const char *who, const char *whom,
		    bool blocked);

/* Their message gets that text; NULL: it is deleted. */
void contract_edit(struct contract *c, const char *user, const char *id,
		   const char *content);

/* They are erased, to the end. */
void contract_erase(struct contract *c, const char *user);
/* The end of what was begun. */
void contract_erase_on(struct contract *c);
/* Was that begun, or done? */
bool contract_was_erased(struct store *store, const char *user);
/* A file that nobody has any more, to whom that is nothing. */
void contract_no_hash(const char *hash, void *context);

/* Every column of both is the same. */
void contract_assert_same(const struct store_message *a,
			  const struct store_message *b);

/* What was written lately, ten of it at most. */
void contract_recent(struct contract *c, struct contract_rows *rows);

/* Who asks: an ordinary user. */
#define AS(user) (&(const struct store_viewer){(user), ROLE_USER})

#define LIST(most) (&(const struct store_list){.limit = (most)})
#define RANGE(from, to) (&(const struct store_range){(from), (to)})

#define assert_ok(status) assert_int_equal(status, STORE_OK)

#endif
