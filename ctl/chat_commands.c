#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "chat_state.h"
#include "json.h"
#include "mem.h"
#include "percent.h"
#include "screen.h"

#define READ_COUNT 20
#define LIST_COUNT 50

/* Cuts the first word off *rest; "" where there is none. */
static char *first_word(char **rest)
{
	char *word = *rest + strspn(*rest, " \t");

	*rest = word + strcspn(word, " \t");
	if (**rest != '\0')
		*(*rest)++ = '\0';
	*rest += strspn(*rest, " \t");
	return word;
}

/* ---- who ---- */

/* Of those who are here, guests among them. */
static struct desk_client *look_here(struct chat *chat, const char *name)
{
	for (size_t i = 0; i < json_length(chat->here); i++) {
		const char *id = "", *username = "";

		json_get_string(json_at(chat->here, i), "id", &id);
		json_get_string(json_at(chat->here, i), "username", &username);
		if (strcasecmp(username, name) == 0)
			return desk_meet(&chat->desk, id, username);
	}
	return NULL;
}

/* Of all accounts: those behind the name without its last character, by name
 * alone. However many have it somewhere in theirs, it is among the first. */
static struct desk_client *look_up(struct chat *chat, const char *name)
{
	size_t len = strlen(name);
	char *query = percent_query(name), *before, *after;
	struct json_object *page, *items = NULL;
	struct desk_client *client = NULL;

	len -= len > 0; /* to the beginning of its last character */
	while (len > 0 && ((unsigned char)name[len] & 0xc0) == 0x80)
		len--;
	before = xstrndup(name, len);
	after = percent_query(before);
	page = chat_ask(chat, "GET",
			xasprintf("/api/users?query=%s&after=%s", query, after),
			NULL);
	json_get_array(page, "items", &items);
	for (size_t i = 0; i < json_length(items) && client == NULL; i++) {
		const char *id = "", *username = "";

		json_get_string(json_at(items, i), "_id", &id);
		json_get_string(json_at(items, i), "username", &username);
		if (strcasecmp(username, name) == 0)
			client = desk_meet(&chat->desk, id, username);
	}
	json_free(page);
	free(after);
	free(before);
	free(query);
	return client;
}

/* NULL: nobody is called so, which was told. */
static struct desk_client *who(struct chat *chat, const char *word)
{
	struct desk_client *client = desk_find(&chat->desk, word);

	if (client == NULL && *word != '\0')
		client = look_here(chat, word);
	if (client == NULL && *word != '\0')
		client = look_up(chat, word);
	if (client == NULL)
		chat_refuse(chat, "%s: there is nobody of that name; /list",
			    *word != '\0' ? word : "?");
	return client;
}

static void do_list(struct chat *chat, char *rest)
{
	struct json_object *items = NULL;
	struct json_object *page = chat_ask(
		chat, "GET",
		xasprintf("/api/operator/clients?limit=%d", LIST_COUNT), NULL);

	(void)rest;
	json_get_array(page, "items", &items);
	for (size_t i = 0; i < json_length(items); i++) {
		struct json_object *user = NULL, *conversation = NULL;
		const char *id = "", *name = "";
		const struct desk_client *client;

		json_get_object(json_at(items, i), "client", &user);
		json_get_object(json_at(items, i), "conversation",
				&conversation);
		json_get_string(user, "_id", &id);
		json_get_string(user, "username", &name);
		client = desk_meet(&chat->desk, id, name);
		if (client != NULL)
			chat_show_client(chat, client, user, conversation);
	}
	if (page != NULL && json_length(items) == 0)
		chat_tell(chat, "Nobody has written yet.");
	json_free(page);
}

/* Those who are connected, whether they have written or not. */
static void do_here(struct chat *chat, char *rest)
{
	(void)rest;
	for (size_t i = 0; i < json_length(chat->here); i++) {
		const char *id = "", *name = "";
		const struct desk_client *client;

		json_get_string(json_at(chat->here, i), "id", &id);
		json_get_string(json_at(chat->here, i), "username", &name);
		client = strcmp(id, chat->id) != 0
				 ? desk_meet(&chat->desk, id, name)
				 : NULL;
		if (client != NULL)
			chat_show_client(chat, client, NULL, NULL);
	}
}

/* ---- reading ---- */

static void read_last(struct chat *chat, struct desk_client *client, int count)
{
	struct json_object *items = NULL;
	struct json_object *page = chat_ask(
		chat, "GET", chat_history(client, "limit=%d", count), NULL);
	int64_t seq = 0;

	json_get_array(page, "items", &items);
	for (size_t i = 0; i < json_length(items); i++) {
		chat_show_message(chat, client, json_at(items, i), true);
		json_get_int(json_at(items, i), "seq", &seq);
	}
	json_free(page);
	if (seq > client->seq)
		client->seq = seq;
	if (seq > 0)
		chat_mark_read(chat, client);
}

static void do_read(struct chat *chat, char *rest)
{
	int count = atoi(first_word(&rest));

	if (chat->selected == NULL)
		chat_refuse(chat, "Nobody is selected: /select NUMBER|NAME");
	else
		read_last(chat, chat->selected, count > 0 ? count : READ_COUNT);
}

static void do_select(struct chat *chat, char *rest)
{
	struct desk_client *client = who(chat, first_word(&rest));
	char *prompt;

	if (client == NULL)
		return;
	chat->selected = client;
	prompt = xasprintf("%s> ", client->name);
	screen_prompt(prompt);
	free(prompt);
	chat_tell(chat, "What you type goes to %s (%zu).", client->name,
		  client->number);
	if (chat->terminal)
		read_last(chat, client, READ_COUNT);
}

/* ---- writing ---- */

static void send_to(struct chat *chat, const struct desk_client *client,
		    const char *text)
{
	struct json_object *body = json_new_object();
	char *mark = xasprintf("%s-%u", chat->mark, ++chat->sent);
	char *target = desk_is_lobby(client)
			       ? xstrdup("/api/messages")
			       : xasprintf("/api/operator/clients/%s/messages",
					   client->id);

	if (desk_is_lobby(client))
		json_put_string(body, "conversationId", client->conversation);
	json_put_string(body, "content", text);
	json_put_string(body, "clientId", mark);
	json_free(chat_ask(chat, "POST", target, body));
	free(mark);
}

static void do_to(struct chat *chat, char *rest)
{
	const struct desk_client *client = who(chat, first_word(&rest));

	if (client != NULL)
		send_to(chat, client, rest);
}

static void do_broadcast(struct chat *chat, char *rest)
{
	struct json_object *body = json_new_object();

	json_put_string(body, "message", rest);
	json_free(chat_ask(chat, "POST", xstrdup("/api/operator/broadcast"),
			   body));
}

/* ---- the table ---- */

static void do_help(struct chat *chat, char *rest);

static void do_quit(struct chat *chat, char *rest)
{
	(void)rest;
	chat->leaving = true;
}

static const struct {
	const char *name, *arguments, *help;
	void (*act)(struct chat *chat, char *rest);
} commands[] = {
	{"list", "", "who has written, who wrote last first", do_list},
	{"here", "", "who is connected", do_here},
	{"select", "NUMBER|NAME", "whom you talk to", do_select},
	{"read", "[N]", "the last messages with them", do_read},
	{"to", "NUMBER|NAME TEXT", "the same without selecting", do_to},
	{"broadcast", "TEXT", "to all who are here", do_broadcast},
	{"help", "", "this", do_help},
	{"quit", "", "leaves; so does the end of the input", do_quit},
};

static void do_help(struct chat *chat, char *rest)
{
	(void)rest;
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		chat_tell(chat, "/%s%s%s  %s", commands[i].name,
			  *commands[i].arguments != '\0' ? " " : "",
			  commands[i].arguments, commands[i].help);
	chat_tell(chat, "What begins with no / goes to whom you selected; // "
			"begins it with one.");
}

static void do_command(struct chat *chat, char *line)
{
	const char *name = first_word(&line);

	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		if (strcmp(commands[i].name, name) == 0) {
			commands[i].act(chat, line);
			return;
		}
	}
	chat_refuse(chat, "/%s: there is no such command; /help", name);
}

void chat_typed(const char *line, void *context)
{
	struct chat *chat = context;
	char *copy;

	if (line == NULL) {
		chat->leaving = true;
		return;
	}
	if (chat->leaving || line[strspn(line, " \t\r")] == '\0')
		return;
	copy = xstrndup(line, strcspn(line, "\r"));
	if (copy[0] == '/' && copy[1] != '/')
		do_command(chat, copy + 1);
	else if (chat->selected == NULL)
		chat_refuse(chat, "Nobody is selected: /select NUMBER|NAME");
	else
		send_to(chat, chat->selected, copy[0] == '/' ? copy + 1 : copy);
	free(copy);
}
