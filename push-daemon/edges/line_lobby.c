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

bool line_lobby_hears(const struct line_person *person,
		      const char *conversation)
{
	return !person->left_lobby || strcmp(conversation, ID_LOBBY) != 0;
}

static void found_lobby(struct line_person *person, int status,
			const struct json_object *body)
{
	static const char *words = "You are in the lobby: what you write is "
				   "said there. /lobby leaves it.";
	struct json_object *items = NULL;

	(void)status; /* without its messages they are in it, too */
	person->left_lobby = false;
	json_get_array(body, "items", &items);
	line_tell_messages(person, items, words);
	line_ask_finish(person);
}

static void go_in(struct line_person *person)
{
	char *target = xasprintf("/api/messages/conversation?"
				 "conversationId=%s&limit=%d",
				 ID_LOBBY, LOBBY_SHOWN);

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
		go_in(person);
	} else {
		go_out(person);
	}
}
