#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "chat_state.h"
#include "json.h"
#include "mem.h"

#define PAGE 100

/* ---- what REST says ---- */

struct json_object *chat_ask(struct chat *chat, const char *method,
			     char *target, struct json_object *body)
{
	struct json_object *answer = NULL;
	int status = local_rest(&chat->rest, method, target, body, &answer);

	free(target);
	if (status >= 200 && status < 300 && answer != NULL)
		return answer;
	if (!chat->leaving)
		chat_refuse(chat, "%s", local_rest_words(status, answer));
	if (status == 401) { /* the session is over */
		chat->status = CHAT_REFUSED;
		chat->leaving = true;
	}
	json_free(answer);
	return NULL;
}

char *chat_history(const struct desk_client *client, const char *format, ...)
{
	struct buf out;
	va_list arguments;
	char *query;

	va_start(arguments, format);
	query = xvasprintf(format, arguments);
	va_end(arguments);
	buf_init(&out, SIZE_MAX / 2);
	if (desk_is_lobby(client))
		buf_addf(&out, "/api/messages/conversation?conversationId=%s&",
			 client->conversation);
	else
		buf_addf(&out, "/api/operator/clients/%s/messages?",
			 client->id);
	buf_adds(&out, query);
	free(query);
	return buf_take(&out);
}

void chat_mark_read(struct chat *chat, const struct desk_client *client)
{
	struct json_object *body;

	if (desk_is_lobby(client))
		return; /* nobody is told who read there */
	body = json_new_object();
	json_put_string(body, "conversationId", client->conversation);
	json_put_int(body, "seq", client->seq);
	json_free(chat_ask(chat, "POST", xstrdup("/api/messages/read"), body));
}

/* ---- messages ---- */

/* The caller frees it. */
static char *name_of(struct chat *chat, const char *id)
{
	struct json_object *user =
		chat_ask(chat, "GET", xasprintf("/api/users/%s", id), NULL);
	const char *name = id;

	json_get_string(user, "username", &name);

	char *copy = xstrdup(name);

	json_free(user);
	return copy;
}

static struct desk_client *meet(struct chat *chat, const char *id)
{
	struct desk_client *client = desk_client(&chat->desk, id);
	char *name;

	if (client != NULL)
		return client;
	name = name_of(chat, id);
	client = desk_meet(&chat->desk, id, name);
	free(name);
	return client;
}

static bool was_sent_here(const struct chat *chat,
			  const struct json_object *message)
{
	const char *sender = "", *mark = "";

	json_get_string(message, "sender", &sender);
	json_get_string(message, "clientId", &mark);
	return strcmp(sender, chat->id) == 0 &&
	       strncmp(mark, chat->mark, strlen(chat->mark)) == 0;
}

static void take_message(struct chat *chat, struct desk_client *client,
			 const struct json_object *message)
{
	int64_t seq = 0;

	json_get_int(message, "seq", &seq);
	if (seq <= client->seq)
		return; /* it was shown when this connection was made */
	client->seq = seq;
	if (was_sent_here(chat, message))
		return;
	chat_show_message(chat, client, message, false);
	if (client == chat->selected)
		chat_mark_read(chat, client);
}

/* True: there are more. */
static bool show_page_behind(struct chat *chat, struct desk_client *client)
{
	struct json_object *items = NULL;
	struct json_object *page =
		chat_ask(chat, "GET",
			 chat_history(client, "after=%lld&limit=%d",
				      (long long)client->seq, PAGE),
			 NULL);
	bool more = false;

	json_get_array(page, "items", &items);
	for (size_t i = 0; i < json_length(items); i++)
		take_message(chat, client, json_at(items, i));
	json_get_bool(page, "more", &more);
	more = more && json_length(items) > 0;
	json_free(page);
	return more;
}

static void show_behind(struct chat *chat, struct desk_client *client,
			int64_t last)
{
	while (client->seq < last && show_page_behind(chat, client))
		;
}

/* One may come before another that is said to us late. */
static void take_live(struct chat *chat, struct desk_client *client,
		      const struct json_object *message)
{
	int64_t seq = 0;

	json_get_int(message, "seq", &seq);
	if (client->seq > 0 && seq > client->seq + 1)
		show_behind(chat, client, seq);
	else
		take_message(chat, client, message);
}

/* True: there was something new. */
static bool catch_up_with(struct chat *chat, const struct json_object *item,
			  bool silently)
{
	struct json_object *user = NULL, *conversation = NULL;
	const char *id = "", *name = "";
	struct desk_client *client;
	int64_t last = 0, unread = 0;
	bool known;

	json_get_object(item, "client", &user); /* null: they are gone */
	json_get_object(item, "conversation", &conversation);
	json_get_string(user, "_id", &id);
	json_get_string(user, "username", &name);
	json_get_int(conversation, "lastSeq", &last);
	json_get_int(conversation, "unread", &unread);
	known = desk_client(&chat->desk, id) != NULL;
	client = desk_meet(&chat->desk, id, name);
	if (client == NULL || last <= client->seq)
		return false;
	if (silently)
		client->seq = last;
	else if (!known)
		client->seq = last - unread;
	show_behind(chat, client, last);
	return true;
}

/* Those behind that conversation, which becomes the last of them. False: there
 * are no more, or nothing is new in that one. */
static bool catch_up_page(struct chat *chat, bool silently,
			  char before[ID_SIZE])
{
	struct json_object *items = NULL, *conversation = NULL;
	struct json_object *page =
		chat_ask(chat, "GET",
			 xasprintf("/api/operator/clients?limit=%d%s%s", PAGE,
				   *before != '\0' ? "&before=" : "", before),
			 NULL);
	const char *id = "";
	bool more = false, news = false;
	size_t count;

	json_get_array(page, "items", &items);
	count = json_length(items);
	for (size_t i = 0; i < count; i++)
		news = catch_up_with(chat, json_at(items, i), silently);
	json_get_bool(page, "more", &more);
	if (count > 0)
		json_get_object(json_at(items, count - 1), "conversation",
				&conversation);
	json_get_string(conversation, "_id", &id);
	more = more && news && !silently && id_valid(id);
	if (more)
		memcpy(before, id, ID_SIZE);
	json_free(page);
	return more;
}

void chat_catch_up(struct chat *chat, bool silently)
{
	struct desk_client *lobby = desk_client(&chat->desk, ID_LOBBY);
	char before[ID_SIZE] = "";

	while (lobby != NULL && show_page_behind(chat, lobby))
		;
	while (!chat->leaving && catch_up_page(chat, silently, before))
		;
}

/* ---- events ---- */

static void on_message(struct chat *chat, struct json_object *body)
{
	json_free(chat->message);
	chat->message = json_ref(body);
}

/* Comes behind the message, and says whose conversation it is in. */
static void on_broadcast_message(struct chat *chat, struct json_object *body)
{
	const char *client_id = "", *id = "", *of = "";
	struct desk_client *client;

	json_get_string(body, "client_id", &client_id); /* null: the lobby */
	json_get_string(body, "id", &id);
	json_get_string(chat->message, "_id", &of);
	if (strcmp(id, of) != 0)
		return;
	client = *client_id != '\0' ? meet(chat, client_id)
				    : desk_meet(&chat->desk, ID_LOBBY, "lobby");
	if (client != NULL)
		take_live(chat, client, chat->message);
}

/* Of a message that was said: what became of it. */
static void on_changed(struct chat *chat, struct json_object *body)
{
	const char *conversation = "";

	json_get_string(body, "conversationId", &conversation);
	for (size_t i = 0; i < chat->desk.count; i++) {
		const struct desk_client *client = chat->desk.clients[i];

		if (strcmp(client->conversation, conversation) != 0)
			continue;
		chat_tell(chat, "in (%zu) this was changed:", client->number);
		chat_show_message(chat, client, body, true);
	}
}

static void on_system_message(struct chat *chat, struct json_object *body)
{
	const char *message = "";

	json_get_string(body, "message", &message);
	chat_tell(chat, "To all: %s", message);
}

/* Those of one list who are not in the other. */
static void tell_difference(struct chat *chat, const struct json_object *some,
			    const struct json_object *others, const char *what)
{
	for (size_t i = 0; i < json_length(some); i++) {
		const char *id = "", *name = "";
		bool both = false;

		json_get_string(json_at(some, i), "id", &id);
		json_get_string(json_at(some, i), "username", &name);
		for (size_t k = 0; k < json_length(others) && !both; k++) {
			const char *other = "";

			json_get_string(json_at(others, k), "id", &other);
			both = strcmp(other, id) == 0;
		}
		if (!both && strcmp(id, chat->id) != 0)
			chat_tell(chat, "%s %s", name, what);
	}
}

/* Where not all are named nobody is said to come and go. */
static void on_clients(struct chat *chat, struct json_object *body)
{
	struct json_object *clients = NULL;
	int64_t total = 0;

	json_get_array(body, "clients", &clients);
	json_get_int(body, "total", &total);
	if (chat->here != NULL && total == (int64_t)json_length(clients)) {
		tell_difference(chat, clients, chat->here, "is here.");
		tell_difference(chat, chat->here, clients, "has gone.");
	}
	json_free(chat->here);
	chat->here = json_ref(clients);
}

static void on_sync(struct chat *chat, struct json_object *body)
{
	(void)body;
	chat_catch_up(chat, false);
}

static void on_expired(struct chat *chat, struct json_object *body)
{
	const char *reason = "";

	json_get_string(body, "reason", &reason);
	chat_refuse(chat, "The session has ended (%s).", reason);
	chat->status = CHAT_REFUSED;
	chat->leaving = true;
}

void chat_take_event(struct chat *chat, const struct json_object *event)
{
	static const struct {
		const char *name;
		void (*take)(struct chat *chat, struct json_object *body);
	} events[] = {
		{"message:new", on_message},
		{"broadcast_message", on_broadcast_message},
		{"message:updated", on_changed},
		{"message:deleted", on_changed},
		{"system_message", on_system_message},
		{"clients_update", on_clients},
		{"sync", on_sync},
		{"session-expired", on_expired},
	};
	const char *name = json_text_of(json_at(event, 0));

	for (size_t i = 0; name != NULL && i < COUNT_OF(events); i++) {
		if (strcmp(name, events[i].name) == 0)
			events[i].take(chat, json_at(event, 1));
	}
}
