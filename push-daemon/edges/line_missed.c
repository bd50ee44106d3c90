#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "line_person.h"
#include "mem.h"

#define PAGE 10 /* so many long ones are what may wait for a line */
#define AGAIN_MS 1000
#define NOTHING_YET (-1) /* and no hello */

static void ask_missed(struct line_person *person);

/* Nobody could answer: what they missed is asked for again. */
static bool is_for_later(struct line_person *person, int status)
{
	if (status != 0 && status < 500)
		return false;
	person->missed_at = line_person_now(person) + AGAIN_MS;
	line_keep_busy(&person->line);
	return true;
}

static void take_page(struct line_person *person, int status,
		      const struct json_object *body)
{
	struct json_object *items = NULL;
	size_t count = 0;
	bool more = false;

	if (is_for_later(person, status))
		return;
	if (json_get_array(body, "items", &items) == JSON_FOUND)
		count = json_length(items);
	if (count > 0) {
		json_get_int(json_at(items, count - 1), "seq", &person->shown);
		line_tell_messages(person, items, NULL);
	}
	json_get_bool(body, "more", &more);
	if (status == 200 &&
	    ((more && count > 0) || person->heard > person->shown))
		person->missed_at = line_person_now(person);
	else
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

	if (is_for_later(person, status))
		return;
	if (status == 200)
		read_marks(person, body, &received, &last);
	if (person->heard > last)
		last = person->heard; /* it was written meanwhile */
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

void line_missed_forget(struct line_person *person)
{
	person->catches_up = false;
	person->shown = person->heard = person->missed_at = 0;
}

void line_missed_begin(struct line_person *person)
{
	char *target = xasprintf("/api/conversations/%s", person->support);

	person->catches_up = true;
	person->shown = NOTHING_YET;
	line_rest(person, "GET", target, NULL, take_marks);
	free(target);
}

bool line_missed_tick(struct line_person *person, int64_t now_ms)
{
	if (person->missed_at == 0 || now_ms < person->missed_at)
		return person->missed_at != 0;
	/* One page after the other: nothing bounds how much they missed. */
	if (person->shown != NOTHING_YET &&
	    line_outbox_waiting(&person->line.outbox) > 0)
		return true;
	person->missed_at = 0;
	if (person->shown == NOTHING_YET)
		line_missed_begin(person);
	else
		ask_missed(person);
	return false;
}

bool line_missed_holds(struct line_person *person,
		       const struct json_object *message)
{
	bool ends = person->line.outbox.ends;
	const char *conversation = "";
	int64_t seq = 0;

	json_get_string(message, "conversationId", &conversation);
	if (strcmp(conversation, person->support) != 0)
		return false;
	json_get_int(message, "seq", &seq);
	/* Who ends no lines is told how many these are, with the hello. */
	if (person->catches_up && (ends || person->shown == NOTHING_YET)) {
		if (seq > person->heard)
			person->heard = seq;
		return true;
	}
	/* It was shown with others before word of it came. */
	return ends && seq <= person->shown;
}
