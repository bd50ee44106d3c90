#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "json.h"
#include "line_person.h"
#include "mem.h"

#define PAGE 10 /* so many long ones are what may wait for a line */
#define AGAIN_MS 1000
#define ON_ITS_WAY_MS 1000 /* so long that may take, to a line that reads */
#define NOTHING_YET (-1)   /* and no hello */

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

static int64_t seq_of(const struct json_object *message)
{
	int64_t seq = 0;

	json_get_int(message, "seq", &seq);
	return seq;
}

static int64_t time_of(const struct json_object *message)
{
	const char *text = "";
	int64_t at = 0;

	json_get_string(message, "createdAt", &text);
	clock_iso_parse(text, &at);
	return at;
}

/* To say something moves their mark past what was on its way to them: from then
 * on others' messages before the mark are shown, too. */
static int64_t on_its_way_since(const struct line_person *person,
				const struct json_object *items)
{
	for (size_t i = 0; i < json_length(items); i++) {
		const struct json_object *message = json_at(items, i);

		if (seq_of(message) == person->mark &&
		    line_person_wrote(person, message))
			return time_of(message) - ON_ITS_WAY_MS;
	}
	return INT64_MAX;
}

static void tell_missed(struct line_person *person,
			const struct json_object *items)
{
	int64_t since = on_its_way_since(person, items);
	struct json_object *missed = json_new_array();

	for (size_t i = 0; i < json_length(items); i++) {
		struct json_object *message = json_at(items, i);

		if (seq_of(message) > person->mark ||
		    (!line_person_wrote(person, message) &&
		     time_of(message) >= since))
			json_push(missed, json_ref(message));
	}
	if (json_length(missed) > 0)
		line_tell_messages(person, missed, NULL);
	json_free(missed);
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
		tell_missed(person, items);
		person->shown = seq_of(json_at(items, count - 1));
	}
	if (person->shown < person->mark)
		person->shown = person->mark;
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
	person->shown = person->mark = received;
	if (last > 0 && person->line.outbox.ends) {
		person->shown = received > PAGE ? received - PAGE : 0;
		ask_missed(person);
		return;
	}
	person->catches_up = false;
	line_keep_busy(&person->line);
}

void line_missed_forget(struct line_person *person)
{
	person->catches_up = false;
	person->shown = person->mark = person->heard = 0;
	person->missed_at = 0;
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
