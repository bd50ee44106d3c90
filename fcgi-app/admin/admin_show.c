/* Who there is, and all of one account, from the command line. */
#include "admin.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "json.h"
#include "mem.h"
#include "store.h"
#include "text.h"

#define PAGE 500
#define SESSIONS_MAX 100

/* ---- one account ---- */

static const char *state_of(const struct store_user *user, int64_t now_ms)
{
	if (user->disabled)
		return "disabled";
	return store_user_is_muted(user, now_ms) ? "muted" : "-";
}

static void put_time(struct json_object *item, const char *key, int64_t at)
{
	json_put_time(item, key, at > 0 ? at : -1);
}

static void put_account(struct json_object *item, const struct store_user *user)
{
	json_put_string(item, "_id", user->id);
	json_put_string(item, "username", user->username);
	json_put_string(item, "displayName", user->display_name);
	json_put_string(item, "email", user->email);
	json_put_string(item, "role", store_role_name(user->role));
	json_put_bool(item, "disabled", user->disabled);
	put_time(item, "mutedUntil", user->muted_until);
	put_time(item, "createdAt", user->created_at);
	put_time(item, "lastSeen", user->last_seen);
}

/* ---- all of them ---- */

struct accounts {
	struct admin *admin;
	struct json_object *items; /* NULL: lines */
	char *last;		   /* username */
	size_t count;		   /* of this page */
	int64_t now_ms;
};

static void list_account(const struct store_user *user, void *context)
{
	struct accounts *accounts = context;
	char since[CLOCK_ISO_SIZE], seen[CLOCK_ISO_SIZE] = "never";

	accounts->count++;
	free(accounts->last);
	accounts->last = xstrdup(user->username);
	if (accounts->items != NULL) {
		struct json_object *item = json_new_object();

		put_account(item, user);
		json_push(accounts->items, item);
		return;
	}
	clock_iso(user->created_at, since);
	if (user->last_seen > 0)
		clock_iso(user->last_seen, seen);
	admin_line(accounts->admin, "%-8s  %-8s  %.10s  %-16.16s  %s%s%s",
		   store_role_name(user->role),
		   state_of(user, accounts->now_ms), since, seen,
		   user->username, *user->display_name != '\0' ? "  " : "",
		   user->display_name);
}

/* A page after the other, for as long as it was full. */
static enum store_status list_accounts(struct accounts *accounts,
				       const char *text)
{
	struct store_user_query query = {.text = text, .limit = PAGE};
	enum store_status status;

	do {
		query.after = accounts->last;
		accounts->last = NULL;
		accounts->count = 0;
		status = store_user_accounts(accounts->admin->store, &query,
					     list_account, accounts);
		free((char *)query.after);
	} while (status == STORE_OK && accounts->count == PAGE);
	return status;
}

int admin_user_list(struct admin *admin, char **words)
{
	struct accounts accounts = {.admin = admin, .now_ms = clock_now_ms()};

	if (words[0] != NULL && !text_valid(words[0], strlen(words[0])))
		return admin_fail(admin, 1, "%s: this is not UTF-8", words[0]);
	if (admin->json != NULL) {
		accounts.items = json_new_array();
		json_put(admin->json, "items", accounts.items);
	}
	enum store_status status = list_accounts(&accounts, words[0]);

	free(accounts.last);
	return status == STORE_OK ? 0
				  : admin_fail_store(admin, "users", status);
}

/* ---- one of them ---- */

static void show_line(struct admin *admin, const char *what, const char *value)
{
	if (value != NULL && *value != '\0')
		admin_line(admin, "%-13s %s", what, value);
}

static void show_time(struct admin *admin, const char *what, int64_t at)
{
	char time[CLOCK_ISO_SIZE];

	if (at <= 0)
		return;
	clock_iso(at, time);
	show_line(admin, what, time);
}

static void show_session(const struct store_session *session, void *context)
{
	struct admin *admin = context;
	struct json_object *items, *item;
	char used[CLOCK_ISO_SIZE];

	clock_iso(session->last_used, used);
	admin_line(admin, "%-13s last used %.16s, %s%s%s", "device", used,
		   session->agent, *session->address != '\0' ? ", " : "",
		   session->address);
	if (admin->json == NULL ||
	    json_get_array(admin->json, "sessions", &items) != JSON_FOUND)
		return;
	item = json_new_object();
	json_put_string(item, "_id", session->id);
	json_put_string(item, "agent", session->agent);
	json_put_string(item, "address", session->address);
	json_put_time(item, "createdAt", session->created_at);
	json_put_time(item, "lastUsed", session->last_used);
	json_put_time(item, "expiresAt", session->expires_at);
	json_push(items, item);
}

static void show_account(struct admin *admin, const struct store_user *user,
			 int64_t now_ms)
{
	const char *state = state_of(user, now_ms);

	show_line(admin, "name", user->username);
	show_line(admin, "shown as", user->display_name);
	show_line(admin, "status", user->status_text);
	show_line(admin, "email", user->email);
	show_line(admin, "role", store_role_name(user->role));
	show_line(admin, "state", *state != '-' ? state : NULL);
	if (store_user_is_muted(user, now_ms))
		show_time(admin, "muted until", user->muted_until);
	show_time(admin, "since", user->created_at);
	show_time(admin, "last seen", user->last_seen);
	show_line(admin, "id", user->id);
}

int admin_user_show(struct admin *admin, char **words)
{
	int64_t now_ms = clock_now_ms();
	struct store_user user = {0};
	int code = admin_find_user(admin, words[0], &user);

	if (code != 0)
		return code;
	if (admin->json != NULL) {
		struct json_object *shown = json_new_object();

		put_account(shown, &user);
		json_put(admin->json, "user", shown);
		json_put(admin->json, "sessions", json_new_array());
	}
	show_account(admin, &user, now_ms);

	enum store_status status =
		store_sessions(admin->store, user.id, now_ms, SESSIONS_MAX,
			       show_session, admin);

	store_user_done(&user);
	return status == STORE_OK ? 0
				  : admin_fail_store(admin, words[0], status);
}
