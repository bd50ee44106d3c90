/*
 * outage - a store on a MongoDB server of its own, which can be made to fail.
 */
#ifndef OUTAGE_H
#define OUTAGE_H

#include "contract.h"
#include "mongodb_fault.h"

struct outage {
	struct mongodb_server server;
	struct store *store;
	char ann[ID_SIZE];
	int64_t now; /* moves by one with each write */
};

/* A fixture per test. */
int outage_setup(void **state);
int outage_teardown(void **state);
#define OUTAGE_TEST(function)                                                  \
	cmocka_unit_test_setup_teardown(function, outage_setup, outage_teardown)

/* ---- what is asked ---- */

enum store_status outage_add(struct outage *o, const char *name,
			     char id[ID_SIZE]);
enum store_status outage_look(struct outage *o, const char *id);
/* One who is added is there, and the answer says so. */
void outage_assert_known(struct outage *o, const char *name);

/* ---- how the server fails ---- */

/* As JSON with ' for ", as of the fail point failCommand: its mode, what of its
 * commands, and how they fail. */
void outage_fail_with(struct outage *o, const char *mode, const char *commands,
		      const char *how);
void outage_fail_no_more(struct outage *o);
#define OUTAGE_WRITES "'insert', 'update', 'delete', 'findAndModify'"
#define OUTAGE_ALL OUTAGE_WRITES ", 'find', 'count', 'createIndexes', 'dbStats'"

/* The store answers again, within the time that is promised. */
void outage_assert_over(struct outage *o);
void outage_nap(void); /* before it is asked again */

#endif
