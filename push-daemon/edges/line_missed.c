#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "line_person.h"
#include "mem.h"

#define PAGE 100

static void ask_missed(struct line_person *person);

static void take_page(struct line_person *person, int status,
		      const struct json_object *body)
{
	struct json_object *items = NULL;
	size_t count = 0;

	if (json_get_array(body, "items", &items) == JSON_FOUND)
		count = json_length(items);
	if (count > 0) {
		json_get_int(json_at(items, count - 1), "seq", &person->shown);
		line_tell_messages(person, items);
	}
	if (status == 200 && (count == PAGE || person->heard > person->shown)) {
		ask_missed(person);
		return;
	}
	person->catches_up = false;
	line_keep_busy(&person->line);
}

static void ask_missed(struct line_person *person)
{
	char *target =
		xasprintf("/api/messages/conversation?conversationId=%s"
			  "&after=%lld&limit=%d",
			  person->support, (long long)person->shown, PAGE);

	person->heard = 0;
	line_rest(person, "GET", target, NULL, take_page);
	free(target);
}

/* Up to where they have received, of what is there. */
static void read_marks(const struct line_person *person,
		       const struct json_object *body, int64_t *received,
		       int64_t *last)
{
	struct json_object *members = NULL;

	json_get_int(body, "lastSeq", last);
	json_get_array(body, "members", &members);
	for (size_t i = 0; i < json_length(members); i++) {
		const struct json_object *member = json_at(members, i);
		const char *id = "";

		json_get_string(member, "userId", &id);
		if (strcmp(id, person->id) == 0)
			json_get_int(member, "receivedSeq", received);
	}
}

static void take_marks(struct line_person *person, int status,
		       const struct json_object *body)
{
	int64_t received = 0, last = 0;
	char *words = NULL;

	if (status == 200)
		read_marks(person, body, &received, &last);
	if (received < last && !person->line.outbox.ends)
		words = xasprintf("%lld messages since you were here: /history",
				  (long long)(last - received));
	line_tell_hello(person, person->asked, words);
	free(words);
	person->shown = received;
	if (received < last && person->line.outbox.ends) {
		ask_missed(person);
		return;
	}
	person->catches_up = false;
	line_keep_busy(&person->line);
}

void line_missed_begin(struct line_person *person)
{
	char *target = xasprintf("/api/conversations/%s", person->support);

	person->catches_up = true;
	line_rest(person, "GET", target, NULL, take_marks);
	free(target);
}

bool line_missed_holds(struct line_person *person,
		       const struct json_object *message)
{
	const char *conversation = "";
	int64_t seq = 0;

	if (!person->catches_up || !person->line.outbox.ends)
		return false;
	json_get_string(message, "conversationId", &conversation);
	if (strcmp(conversation, person->support) != 0)
		return false;
	json_get_int(message, "seq", &seq);
	if (seq > person->heard)
		person->heard = seq;
	return true;
}
