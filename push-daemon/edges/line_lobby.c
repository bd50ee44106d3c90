#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "line_person.h"
#include "mem.h"

#define LOBBY_SHOWN 10 /* messages, to who goes in */

void line_lobby_note(struct line_person *person, const struct json_object *body)
{
	(void)body;
	person->has_lobby = true;
}

bool line_lobby_hears(struct line_person *person,
		      const struct json_object *message)
{
	const char *conversation = "";
	int64_t seq = 0;

	json_get_string(message, "conversationId", &conversation);
	if (strcmp(conversation, ID_LOBBY) != 0)
		return true;
	json_get_int(message, "seq", &seq);
	if (person->left_lobby && seq > person->lobby_heard)
		person->lobby_heard = seq;
	return !person->left_lobby && seq > person->lobby_shown;
}

static void ask_lobby(struct line_person *person, int64_t after);

static void found_lobby(struct line_person *person, int status,
			const struct json_object *body)
{
	static const char *words = "You are in the lobby: what you write is "
				   "said there. /lobby leaves it.";
	struct json_object *items = NULL;
	size_t count = 0;

	if (json_get_array(body, "items", &items) == JSON_FOUND)
		count = json_length(items);
	if (count > 0)
		json_get_int(json_at(items, count - 1), "seq",
			     &person->lobby_shown);
	/* It was said while these were on their way. */
	if (status == 200 && count > 0 &&
	    person->lobby_heard > person->lobby_shown) {
		line_tell_messages(person, items, NULL);
		ask_lobby(person, person->lobby_shown);
		return;
	}
	/* Without its messages they are in it, too. */
	person->left_lobby = false;
	line_tell_messages(person, items, words);
	line_ask_finish(person);
}

/* 0: the last ones. */
static void ask_lobby(struct line_person *person, int64_t after)
{
	char *behind = after > 0 ? xasprintf("&after=%lld", (long long)after)
				 : xstrdup("");
	char *target = xasprintf("/api/messages/conversation?"
				 "conversationId=%s%s&limit=%d",
				 ID_LOBBY, behind, LOBBY_SHOWN);

	person->lobby_heard = 0;
	free(behind);
	line_rest(person, "GET", target, NULL, found_lobby);
	free(target);
}

static void go_out(struct line_person *person)
{
	person->left_lobby = true;
	line_tell(person, "You are not in the lobby: what you write is for "
			  "the server. /lobby goes back in.");
	line_ask_finish(person);
}

void line_lobby_run(struct line_person *person, const char *arguments)
{
	if (!person->has_lobby) {
		line_tell(person, "There is no lobby here.");
		line_ask_finish(person);
	} else if (*arguments != '\0') {
		line_ask_send_in(person, ID_LOBBY, arguments);
	} else if (person->left_lobby) {
		ask_lobby(person, 0);
	} else {
		go_out(person);
	}
}
