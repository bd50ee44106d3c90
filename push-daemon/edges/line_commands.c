#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "json.h"
#include "line_person.h"
#include "mem.h"
#include "percent.h"

#define HISTORY 10 /* messages, where none says how many */
#define HISTORY_MOST 100
#define WHO_MOST 50
#define GUESS_MS 1000 /* after a wrong password */
#define TURN_MS 50    /* until others may have signed in */

struct line_command {
	const char *name, *arguments; /* as /help shows them */
	const char *help;
	void (*run)(struct line_person *person, const char *arguments);
};

static void finish_with(struct line_person *person, const char *words)
{
	line_tell(person, words);
	line_ask_finish(person);
}

/* The first word of arguments; what follows is *rest. */
static char *first_word(const char *arguments, const char **rest)
{
	size_t len = strcspn(arguments, " ");

	*rest = arguments + len + strspn(arguments + len, " ");
	return xstrndup(arguments, len);
}

/* ---- /msg ---- */

static const char *find_user(const struct json_object *body, const char *name,
			     const char **username)
{
	struct json_object *users = (struct json_object *)body;
	const char *id = NULL;

	if (!json_is_array(body))
		json_get_array(body, "items", &users);
	for (size_t i = 0; i < json_length(users); i++) {
		*username = "";
		json_get_string(json_at(users, i), "username", username);
		if (strcasecmp(*username, name) == 0 &&
		    json_get_string(json_at(users, i), "_id", &id) ==
			    JSON_FOUND)
			return id;
	}
	return NULL;
}

static void found_whom(struct line_person *person, int status,
		       const struct json_object *body)
{
	const char *username, *id = find_user(body, person->whom, &username);

	if (status != 200)
		finish_with(person, line_rest_words(body));
	else if (id == NULL)
		finish_with(person, "There is nobody of that name.");
	else
		line_ask_send_to(person, id, person->text);
}

/* By name alone, from right before it on: however many have it somewhere in
 * theirs, or are online, it is among the first. */
static char *search_exactly(const char *name)
{
	size_t len = strlen(name);
	char *query = percent_query(name), *before, *after, *target;

	len -= len > 0; /* to the beginning of its last character */
	while (len > 0 && ((unsigned char)name[len] & 0xc0) == 0x80)
		len--;
	before = xstrndup(name, len);
	after = percent_query(before);
	target = xasprintf("/api/users?query=%s&after=%s", query, after);
	free(after);
	free(before);
	free(query);
	return target;
}

static void run_msg(struct line_person *person, const char *arguments)
{
	const char *text;
	char *name = first_word(arguments, &text), *target;

	free(person->whom);
	free(person->text);
	person->whom = name;
	person->text = xstrdup(text);
	if (*text == '\0') {
		finish_with(person, "Say whom, and what: /msg bob hello");
		return;
	}
	target = search_exactly(name);
	line_rest(person, "GET", target, NULL, found_whom);
	free(target);
}

/* ---- /who ---- */

static void add_who(struct buf *names, const struct json_object *user)
{
	const char *status = "", *name = "";
	char *clean;

	json_get_string(user, "status", &status);
	json_get_string(user, "username", &name);
	if (strcmp(status, "online") != 0)
		return;
	clean = line_text_clean(name);
	/* One answer is one read of some. */
	if (names->len + strlen(clean) < LINE_READ / 2)
		buf_addf(names, "%s%s", names->len > 0 ? ", " : "", clean);
	free(clean);
}

static void found_who(struct line_person *person, int status,
		      const struct json_object *body)
{
	struct json_object *users = (struct json_object *)body;
	struct buf names;
	char *words;

	if (status != 200) {
		finish_with(person, line_rest_words(body));
		return;
	}
	if (!json_is_array(body))
		json_get_array(body, "items", &users);
	buf_init(&names, LINE_READ);
	buf_adds(&names, "");
	for (size_t i = 0; i < json_length(users); i++)
		add_who(&names, json_at(users, i));
	words = xasprintf("Here: %s", names.len > 0 ? names.data : "nobody");
	finish_with(person, words);
	free(words);
	buf_done(&names);
}

static void run_who(struct line_person *person, const char *arguments)
{
	char *target = xasprintf("/api/users?limit=%d", WHO_MOST);

	(void)arguments;
	line_rest(person, "GET", target, NULL, found_who);
	free(target);
}

/* ---- /history ---- */

static void found_history(struct line_person *person, int status,
			  const struct json_object *body)
{
	struct json_object *items = NULL;

	json_get_array(body, "items", &items);
	if (status == 404 || (status == 200 && json_length(items) == 0))
		line_tell(person, "Nothing was written yet.");
	else if (status != 200)
		line_tell(person, line_rest_words(body));
	else
		line_tell_messages(person, items, NULL);
	line_ask_finish(person);
}

static void run_history(struct line_person *person, const char *arguments)
{
	long count = strtol(arguments, NULL, 10);
	char *target;

	if (count < 1)
		count = HISTORY;
	if (count > HISTORY_MOST)
		count = HISTORY_MOST;
	target = xasprintf("/api/messages/conversation?conversationId=%s"
			   "&limit=%ld",
			   person->support, count);
	line_rest(person, "GET", target, NULL, found_history);
	free(target);
}

/* ---- who one is ---- */

static void renamed(struct line_person *person, int status,
		    const struct json_object *body)
{
	char *words = status == 200
			      ? xasprintf("Others see you as %s.", person->text)
			      : xstrdup(line_rest_words(body));

	finish_with(person, words);
	free(words);
}

static void run_nick(struct line_person *person, const char *arguments)
{
	struct json_object *body;

	if (*arguments == '\0') {
		finish_with(person, "Say which: /nick Bob");
		return;
	}
	free(person->text);
	person->text = xstrdup(arguments);
	body = json_new_object();
	json_put_string(body, "displayName", arguments);
	line_rest(person, "PATCH", LINE_REST_PROFILE, body, renamed);
}

static void signed_in(struct line_person *person, int status,
		      const struct json_object *body)
{
	if (status == 200) {
		line_person_sign_in(person, body);
	} else {
		line_tell(person, line_rest_words(body));
		line_ask_wait(person, GUESS_MS);
	}
	line_ask_finish(person);
}

static void run_login(struct line_person *person, const char *arguments)
{
	const char *password;
	char *name = first_word(arguments, &password);

	if (!line_rest_sign_in(person, name, password, signed_in))
		line_ask_wait(person, TURN_MS);
	free(name);
}

/* ---- and the rest ---- */

static void run_me(struct line_person *person, const char *arguments)
{
	char *text = xasprintf("* %s", arguments);

	line_ask_send(person, text);
	free(text);
}

static void run_quit(struct line_person *person, const char *arguments)
{
	(void)arguments;
	line_tell_goodbye(person);
	line_person_leave(person, "client_disconnect");
}

static void run_help(struct line_person *person, const char *arguments);

static const struct line_command commands[] = {
	{"file", " [N]", "the files here; with N, that one", line_files_run},
	{"help", "", "what there is", run_help},
	{"history", " [N]", "the last messages with the server", run_history},
	{"lobby", " [TEXT]", "go in or out of it; say something there",
	 line_lobby_run},
	{"login", " USER PASSWORD", "be that user", run_login},
	{"me", " TEXT", "say what you do", run_me},
	{"msg", " USER TEXT", "write to somebody", run_msg},
	{"nick", " NAME", "be shown under another name", run_nick},
	{"quit", "", "leave", run_quit},
	{"who", "", "who is here", run_who},
};

static void run_help(struct line_person *person, const char *arguments)
{
	struct buf lines;

	(void)arguments;
	buf_init(&lines, LINE_READ);
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		buf_addf(&lines, "* /%s%s: %s\n", commands[i].name,
			 commands[i].arguments, commands[i].help);
	line_write(&person->line, lines.data, lines.len);
	buf_done(&lines);
	line_ask_finish(person);
}

bool line_command_is(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		if (strcmp(commands[i].name, name) == 0)
			return true;
	}
	return false;
}

bool line_command_do(struct line_person *person, const char *name,
		     const char *arguments)
{
	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		if (strcmp(commands[i].name, name) == 0) {
			commands[i].run(person, arguments);
			return true;
		}
	}
	return false;
}
