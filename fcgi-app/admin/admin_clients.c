/* Who is here, and what of theirs waits at support, from the command line. */
#include "admin.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "ctl_ask.h"
#include "json.h"
#include "mem.h"
#include "palabre_options.h"
#include "store.h"

#define PATIENCE_MS 5000
#define DEPTH_MAX 8

static const char *text_at(const struct json_object *object, const char *key)
{
	const char *text = "";

	json_get_string(object, key, &text);
	return text;
}

static int64_t number_at(const struct json_object *object, const char *key)
{
	int64_t number = 0;

	json_get_int(object, key, &number);
	return number;
}

/* Of what they wrote to support; 0 where they did not. */
static int64_t count_unread(struct admin *admin, const char *user)
{
	const struct store_viewer server = {ID_SERVER, ROLE_OPERATOR};
	struct store_conversation conversation;
	char id[ID_SIZE];
	int64_t unread;

	if (!id_valid(user))
		return 0;
	id_direct(user, ID_SERVER, id);
	if (store_conversation_get(admin->store, &server, id, &conversation) !=
	    STORE_OK)
		return 0;
	unread = conversation.unread;
	store_conversation_done(&conversation);
	return unread;
}

/* 12s, 5m, 3h, 2d */
static void format_idle(int64_t ms, char *out, size_t size)
{
	static const struct {
		int64_t seconds;
		char unit;
	} units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	int64_t seconds = ms > 0 ? ms / 1000 : 0;
	size_t i = 0;

	while (i + 1 < COUNT_OF(units) && seconds < units[i].seconds)
		i++;
	snprintf(out, size, "%" PRId64 "%c", seconds / units[i].seconds,
		 units[i].unit);
}

static void show_client(struct admin *admin, struct json_object *client)
{
	const char *name = text_at(client, "username");
	const char *status = text_at(client, "status");
	int64_t unread = count_unread(admin, text_at(client, "id"));
	int64_t active = 0;
	char idle[32] = "-";

	if (clock_iso_parse(text_at(client, "active"), &active))
		format_idle(clock_now_ms() - active, idle, sizeof(idle));
	json_put_int(client, "unread", unread);
	admin_line(admin,
		   "%-9s  %-15s  %.16s  %4s  %6" PRId64 "  %7" PRId64
		   "  %s%s%s",
		   text_at(client, "transport"), text_at(client, "ip"),
		   text_at(client, "since"), idle, unread,
		   number_at(client, "queue"), name,
		   *status != '\0' ? "  " : "", status);
}

/* What palabre-pushd says of those behind that id; NULL, and it was said why.
 */
static struct json_object *ask_page(struct admin *admin, const char *after)
{
	const char *path = admin->options->ctl_socket;
	char *word = xasprintf("clients%s%s", *after != '\0' ? " " : "", after);
	char *line = ctl_ask(path, word, PATIENCE_MS);
	int error = errno;
	struct json_object *page = NULL, *clients;

	if (line == NULL)
		admin_fail(admin, 2, "palabre-pushd at %s: %s", path,
			   error == EAGAIN ? "no answer" : strerror(error));
	else
		json_parse(line, strlen(line), JSON_OURS(DEPTH_MAX), &page);
	if (line != NULL &&
	    json_get_array(page, "clients", &clients) != JSON_FOUND) {
		admin_fail(admin, 2, "palabre-pushd at %s: %s", path, line);
		json_free(page);
		page = NULL;
	}
	free(line);
	free(word);
	return page;
}

static void show_header(struct admin *admin)
{
	admin_line(admin, "%-9s  %-15s  %-16s  %4s  %6s  %7s  %s", "by", "from",
		   "since", "idle", "unread", "waiting", "name and status");
}

/* after becomes the last one of the page, or "" when there is no more. False:
 * it was said why. */
static bool show_page(struct admin *admin, struct json_object *all,
		      char after[ID_SIZE])
{
	struct json_object *page = ask_page(admin, after), *clients;
	bool more = false;

	if (page == NULL)
		return false;
	if (*after == '\0')
		show_header(admin);
	json_get_array(page, "clients", &clients);
	json_get_bool(page, "more", &more);
	*after = '\0';
	for (size_t i = 0; i < json_length(clients); i++) {
		struct json_object *client = json_at(clients, i);

		show_client(admin, client);
		json_push(all, json_ref(client));
		if (more)
			snprintf(after, ID_SIZE, "%s", text_at(client, "id"));
	}
	json_free(page);
	return true;
}

int admin_clients(struct admin *admin, char **words)
{
	const struct store_deed look = {.act = ACT_CLIENTS};
	struct json_object *all;
	char after[ID_SIZE] = "";
	bool shown = true;
	int code = admin_act(admin, "clients", &look); /* before all is seen */

	(void)words;
	if (code != 0)
		return code;
	all = json_new_array();
	do {
		shown = show_page(admin, all, after);
	} while (shown && *after != '\0');
	if (shown && admin->json != NULL)
		json_put(admin->json, "clients", json_ref(all));
	json_free(all);
	return shown ? 0 : 2;
}
