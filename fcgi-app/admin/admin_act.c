/* What operators do to people and to all, from the command line: the audit says
 * palabrectl did it, and pushd is told as by a worker. */
#include "admin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "address_block.h"
#include "announce.h"
#include "app.h"
#include "broadcast.h"
#include "buf.h"
#include "clock.h"
#include "daemons.h"
#include "json.h"
#include "mem.h"
#include "network.h"
#include "operator_do.h"
#include "store.h"
#include "text.h"

#define NEWS_MAX (64 * 1024)

const struct store_viewer admin_viewer = {ID_CTL, ROLE_OPERATOR};

int admin_act(struct admin *admin, const char *name,
	      const struct store_deed *deed)
{
	struct store_deed dated = *deed;

	dated.now_ms = clock_now_ms();

	enum store_status status =
		store_operator_act(admin->store, &admin_viewer, &dated);

	return status == STORE_OK ? 0 : admin_fail_store(admin, name, status);
}

/* ---- times ---- */

/* Seconds, or 30s, 10m, 2h, 7d. False: it is none, or more than a year. */
static bool read_seconds(const char *text, int64_t *seconds)
{
	static const struct {
		const char *unit;
		int64_t seconds;
	} units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*seconds = strtoll(text, &end, 10);
	if (errno != 0 || *seconds > OPERATOR_TIME_MAX_S)
		return false;
	for (size_t i = 0; i < COUNT_OF(units); i++) {
		if (strcmp(end, units[i].unit) != 0)
			continue;
		*seconds *= units[i].seconds;
		return *seconds <= OPERATOR_TIME_MAX_S;
	}
	return false;
}

static int fail_time(struct admin *admin, const char *text)
{
	return admin_fail(admin, 1,
			  "%s: a time is seconds, or like 10m, 2h or 7d; a "
			  "year at most",
			  text);
}

static void put_until(struct admin *admin, const char *key, int64_t until)
{
	if (admin->json != NULL)
		json_put_time(admin->json, key, until > 0 ? until : -1);
}

/* ---- people ---- */

int admin_kick(struct admin *admin, char **words)
{
	const char *name = words[0];
	struct store_user user = {0};
	int code = admin_find_user(admin, name, &user);
	const struct store_deed deed = {.act = ACT_KICK, .user = user.id};
	struct buf news;

	if (code == 0)
		code = admin_act(admin, name, &deed);
	buf_init(&news, NEWS_MAX);
	if (code == 0) {
		announce_revoke(&news, user.id, NULL, "kicked", NULL);
		code = admin_tell(admin, name, "is signed out", &news);
	}
	if (code == 0)
		admin_done(admin, "%s: is signed out everywhere", name);
	buf_done(&news);
	store_user_done(&user);
	return code;
}

int admin_mute(struct admin *admin, char **words)
{
	const char *name = words[0];
	struct store_user user = {0};
	struct store_deed deed = {.act = ACT_MUTE};
	char until[CLOCK_ISO_SIZE];
	int64_t seconds;

	if (!read_seconds(words[1], &seconds))
		return fail_time(admin, words[1]);
	int code = admin_find_user(admin, name, &user);

	if (code == 0) {
		deed.user = user.id;
		if (seconds > 0)
			deed.until = clock_now_ms() + seconds * 1000;
		code = admin_act(admin, name, &deed);
	}
	if (code == 0) {
		put_until(admin, "mutedUntil", deed.until);
		clock_iso(deed.until, until);
		if (seconds > 0)
			admin_done(admin, "%s: writes nothing until %s", name,
				   until);
		else
			admin_done(admin, "%s: may write", name);
	}
	store_user_done(&user);
	return code;
}

/* ---- networks ---- */

int admin_block(struct admin *admin, char **words)
{
	char network[NETWORK_SIZE], until[CLOCK_ISO_SIZE];
	struct store_deed deed = {.act = ACT_BLOCK, .detail = network};
	int64_t seconds;
	struct buf news;

	if (!address_block_is_address(words[0]))
		return admin_fail(admin, 1,
				  "%s: this is not an address of IPv4 or IPv6",
				  words[0]);
	if (!read_seconds(words[1], &seconds) || seconds == 0)
		return fail_time(admin, words[1]);
	network_of(words[0], network);
	deed.until = clock_now_ms() + seconds * 1000;

	int code = admin_act(admin, network, &deed);

	if (code != 0)
		return code;
	buf_init(&news, NEWS_MAX);
	announce_revoke_network(&news, network, "blocked", NULL);
	code = admin_tell(admin, network, "is blocked", &news);
	buf_done(&news);
	if (admin->json != NULL)
		json_put_string(admin->json, "network", network);
	put_until(admin, "until", deed.until);
	clock_iso(deed.until, until);
	if (code == 0)
		admin_done(admin, "%s: is blocked until %s", network, until);
	return code;
}

int admin_unblock(struct admin *admin, char **words)
{
	char network[NETWORK_SIZE];
	struct store_deed deed = {
		.act = ACT_UNBLOCK,
		.detail = network,
		.now_ms = clock_now_ms(),
	};

	network_of(words[0], network);

	enum store_status status =
		store_operator_act(admin->store, &admin_viewer, &deed);

	if (status == STORE_NOT_FOUND)
		return admin_fail(admin, 1, "%s: is not blocked", network);
	return status == STORE_OK
		       ? admin_done(admin, "%s: is not blocked any more",
				    network)
		       : admin_fail_store(admin, network, status);
}

static void list_block(const struct store_address_block *block, void *context)
{
	struct admin *admin = context;
	char until[CLOCK_ISO_SIZE];
	struct json_object *items, *item;

	clock_iso(block->until, until);
	admin_line(admin, "%-45s until %s", block->network, until);
	if (admin->json == NULL ||
	    json_get_array(admin->json, "items", &items) != JSON_FOUND)
		return;
	item = json_new_object();
	json_put_string(item, "network", block->network);
	json_put_time(item, "until", block->until);
	json_push(items, item);
}

int admin_blocks(struct admin *admin, char **words)
{
	(void)words;
	if (admin->json != NULL)
		json_put(admin->json, "items", json_new_array());

	enum store_status status =
		store_address_blocks(admin->store, clock_now_ms(),
				     ADDRESS_BLOCKS_MAX, list_block, admin);

	return status == STORE_OK ? 0
				  : admin_fail_store(admin, "blocks", status);
}

/* ---- all ---- */

int admin_broadcast(struct admin *admin, char **words)
{
	struct app app = {.options = admin->options, .store = admin->store};
	struct broadcast broadcast = {
		.message = words[0],
		.level = words[1] != NULL ? words[1] : "info",
		.now_ms = clock_now_ms(),
	};
	const char *why = "This is not UTF-8.";
	struct buf news;

	if (!text_valid(words[0], strlen(words[0])) ||
	    broadcast_check(&broadcast, &why) != NULL)
		return admin_fail(admin, 1, "%s", why);
	if (!daemons_run(admin->options))
		return admin_fail(admin, 2,
				  "palabre-pushd does not run: nobody is here");

	enum store_status status =
		broadcast_write(&app, &admin_viewer, &broadcast);

	if (status != STORE_OK)
		return admin_fail_store(admin, "broadcast", status);
	buf_init(&news, NEWS_MAX);
	broadcast_announce(&news, &broadcast, NULL);
	char *wrong = daemons_tell(admin->options, &news);
	int code = wrong == NULL
			   ? admin_done(admin, "all who are here were told")
			   : admin_fail(admin, 1, "%s", wrong);

	buf_done(&news);
	free(wrong);
	return code;
}
