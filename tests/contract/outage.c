#include "outage.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "mem.h"

#define BACK_MS 3000 /* as is promised */

enum store_status outage_add(struct outage *o, const char *name,
			     char id[ID_SIZE])
{
	struct store_user user = {
		.username = xstrdup(name),
		.created_at = ++o->now,
	};
	const char *field;
	enum store_status status = store_user_add(o->store, &user, &field);

	memcpy(id, user.id, ID_SIZE);
	store_user_done(&user);
	return status;
}

enum store_status outage_look(struct outage *o, const char *id)
{
	struct store_user user;
	enum store_status status = store_user_get(o->store, id, &user);

	if (status == STORE_OK)
		store_user_done(&user);
	return status;
}

int outage_setup(void **state)
{
	struct outage *o = xcalloc(1, sizeof(*o));
	char *uri, *error;

	mongodb_server_start(&o->server);
	uri = xasprintf("mongodb://%s/palabre", o->server.address);
	o->store = mongodb_open(uri);
	error = store_prepare(o->store);
	if (error != NULL)
		fail_msg("%s", error);
	/* As a worker has it, which is in a hurry. */
	store_free(o->store);
	o->store = mongodb_open(uri);
	assert_ok(outage_add(o, "Ann", o->ann));
	free(uri);
	*state = o;
	return 0;
}

int outage_teardown(void **state)
{
	struct outage *o = *state;

	store_free(o->store);
	mongodb_server_done(&o->server);
	free(o);
	return 0;
}

void outage_nap(void)
{
	const struct timespec pause = {.tv_nsec = 20000000};

	nanosleep(&pause, NULL);
}

void outage_assert_over(struct outage *o)
{
	int64_t began = clock_mono_ms();

	while (outage_look(o, o->ann) != STORE_OK ||
	       store_try_write(o->store) != STORE_OK) {
		assert_in_range(clock_mono_ms() - began, 0, BACK_MS);
		outage_nap();
	}
}

void outage_fail_with(struct outage *o, const char *mode, const char *commands,
		      const char *how)
{
	char *json =
		xasprintf("{'configureFailPoint': 'failCommand',"
			  " 'mode': %s, 'data': {'failCommands': [%s]%s%s}}",
			  mode, commands, *how != '\0' ? ", " : "", how);

	mongodb_server_run(&o->server, json);
	free(json);
}

void outage_fail_no_more(struct outage *o)
{
	outage_fail_with(o, "'off'", "'insert'", "");
}

void outage_assert_known(struct outage *o, const char *name)
{
	char id[ID_SIZE];

	if (outage_add(o, name, id) != STORE_OK)
		fail_msg("%s: %s", name, store_error(o->store));
	assert_ok(outage_look(o, id));
}
