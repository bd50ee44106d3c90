#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "crypt.h"
#include "hub.h"
#include "json.h"
#include "line_person.h"
#include "line_words.h"
#include "mem.h"
#include "palabre_limits.h"
#include "refusals.h"

#define SAYINGS_MAX 64 /* until it is not read from */
#define SAYINGS_BYTES (64 * 1024)
#define PAUSE_MS 100
/* So long a message is sent again that nobody can take. */
#define GIVE_UP_MS 30000
#define ANSWER_DEPTH 12

/* ---- what waits ---- */

static bool has_too_many(const struct line_person *person)
{
	return person->sayings_count >= SAYINGS_MAX ||
	       person->sayings_bytes >= SAYINGS_BYTES;
}

static void sayings_count(struct line_person *person, size_t bytes)
{
	person->sayings_bytes = bytes;
	line_hold(&person->line, bytes > LIMIT_EVENT ? bytes : 0);
}

void line_ask_take(struct line_person *person, const char *text, size_t len)
{
	struct line_saying *saying = xmalloc(sizeof(*saying) + len + 1);

	saying->len = len;
	memcpy(saying->text, text, len + 1);
	STAILQ_INSERT_TAIL(&person->sayings, saying, next);
	person->sayings_count++;
	sayings_count(person, person->sayings_bytes + len);
	line_pause(&person->line, has_too_many(person));
	line_ask_tick(person, line_person_now(person));
}

/* The first of them is done with. */
static void line_ask_next(struct line_person *person)
{
	struct line_saying *saying = STAILQ_FIRST(&person->sayings);

	STAILQ_REMOVE_HEAD(&person->sayings, next);
	person->sayings_count--;
	sayings_count(person, person->sayings_bytes - saying->len);
	person->client_id[0] = '\0';
	person->file[0] = '\0';
	free(saying);
	if (!person->left)
		line_pause(&person->line, has_too_many(person));
}

void line_ask_finish(struct line_person *person)
{
	if (STAILQ_EMPTY(&person->sayings))
		return; /* they left meanwhile */
	line_ask_next(person);
	line_answer(&person->line);
	line_keep_busy(&person->line);
}

void line_ask_wait(struct line_person *person, int64_t ms)
{
	person->ask_at = line_person_now(person) + ms;
	line_keep_busy(&person->line);
}

void line_ask_done(struct line_person *person)
{
	while (!STAILQ_EMPTY(&person->sayings))
		line_ask_next(person);
}

/* ---- messages ---- */

static void say_why_not(struct line_person *person,
			const struct json_object *error)
{
	const char *words = refusal_words("internal");
	char *text;

	json_get_string(error, "message", &words);
	text = xasprintf("Not sent. %s", words);
	line_tell(person, text);
	free(text);
}

/* Nobody could do it now; it is asked again, and happens once. */
static bool may_ask_again(struct line_person *person,
			  const struct json_object *error)
{
	int64_t now_ms = line_person_now(person), after_s = 0;
	const char *code = "";

	json_get_string(error, "code", &code);
	json_get_int(error, "retryAfter", &after_s);
	if (strcmp(code, "rate_limited") != 0 &&
	    strcmp(code, "unavailable") != 0 &&
	    strcmp(code, "outcome_unknown") != 0)
		return false;
	if (person->give_up == 0)
		person->give_up = now_ms + GIVE_UP_MS;
	person->ask_at = now_ms + (after_s > 0 ? after_s * 1000 : PAUSE_MS);
	return person->ask_at < person->give_up;
}

static void sent(struct line_person *person, const struct json_object *answer)
{
	struct json_object *error = NULL;

	if (json_get_object(answer, "error", &error) == JSON_FOUND) {
		if (may_ask_again(person, error))
			return;
		say_why_not(person, error);
	}
	person->give_up = 0;
	line_ask_finish(person);
}

static void ask(struct line_person *person, const char *event,
		struct json_object *body,
		void (*answered)(struct line_person *person,
				 const struct json_object *answer))
{
	person->answered = answered;
	line_client_say(person, event, ++person->ack, body);
}

static struct json_object *new_message(struct line_person *person,
				       const char *field, const char *text)
{
	struct json_object *body = json_new_object();

	if (person->client_id[0] == '\0')
		id_new(clock_now_ms(), crypt_random, person->client_id);
	json_put_string(body, field, text);
	json_put_string(body, "clientId", person->client_id);
	return body;
}

static void send_where(struct line_person *person, const char *key,
		       const char *id, const char *text)
{
	struct json_object *body = new_message(person, "content", text);

	json_put_string(body, key, id);
	ask(person, "send-message", body, sent);
}

void line_ask_send_to(struct line_person *person, const char *user,
		      const char *text)
{
	send_where(person, "to", user, text);
}

void line_ask_send_in(struct line_person *person, const char *conversation,
		      const char *text)
{
	send_where(person, "conversationId", conversation, text);
}

void line_ask_send(struct line_person *person, const char *text)
{
	if (person->left_lobby)
		line_ask_send_to(person, ID_SERVER, text);
	else
		ask(person, "send_message",
		    new_message(person, "message", text), sent);
}

void line_ask_send_file(struct line_person *person)
{
	struct json_object *body = new_message(person, "content", "");

	json_put_string(body, "attachment", person->file);
	if (line_lobby_has(person))
		json_put_string(body, "conversationId", ID_LOBBY);
	else
		json_put_string(body, "to", ID_SERVER);
	ask(person, "send-message", body, sent);
}

/* ---- what it means ---- */

static void say_file(struct line_person *person, const struct line_word *word)
{
	line_file_take(person, word->name, word->base64);
}

static void say_bad_file(struct line_person *person,
			 const struct line_word *word)
{
	(void)word;
	line_tell(person, "That file cannot be read.");
	line_ask_finish(person);
}

/* Old clients get no answer to these. */
static void changed(struct line_person *person, int status,
		    const struct json_object *body)
{
	(void)status;
	(void)body;
	line_ask_finish(person);
}

static void change(struct line_person *person, const char *field,
		   const char *text)
{
	struct json_object *body = json_new_object();

	json_put_string(body, field, text);
	line_rest(person, "PATCH", LINE_REST_PROFILE, body, changed);
}

static void change_name(struct line_person *person,
			const struct line_word *word)
{
	char *number = *word->text == '\0' ? line_person_number() : NULL;

	change(person, "displayName", number != NULL ? number : word->text);
	free(number);
}

static void change_status(struct line_person *person,
			  const struct line_word *word)
{
	change(person, "statusText", word->text);
}

static void change_avatar(struct line_person *person,
			  const struct line_word *word)
{
	change(person, "avatar", word->text);
}

static void say_text(struct line_person *person, const struct line_word *word)
{
	line_ask_send(person, word->text);
}

/* There are more words than commands. */
static void say_slash(struct line_person *person, const struct line_word *word)
{
	if (!line_command_do(person, word->command, word->arguments))
		line_ask_send(person, word->text);
}

static void say_goodbye(struct line_person *person,
			const struct line_word *word)
{
	(void)word;
	line_tell_goodbye(person);
	line_person_leave(person, "client_disconnect");
}

static void do_first(struct line_person *person)
{
	static void (*const meanings[])(struct line_person *person,
					const struct line_word *word) = {
		[LINE_WORD_TEXT] = say_text,
		[LINE_WORD_NAME] = change_name,
		[LINE_WORD_STATUS] = change_status,
		[LINE_WORD_AVATAR] = change_avatar,
		[LINE_WORD_FILE] = say_file,
		[LINE_WORD_BAD_FILE] = say_bad_file,
		[LINE_WORD_GOODBYE] = say_goodbye,
		[LINE_WORD_SLASH] = say_slash,
	};
	struct line_saying *saying = STAILQ_FIRST(&person->sayings);
	struct line_word word;

	/* Its line was cut up when it was read, and all of it is kept. */
	if (person->file[0] != '\0') {
		line_ask_send_file(person);
		return;
	}
	line_word_read(saying->text, person->line.outbox.ends, &word);
	if (person->outside && line_outside_refuses(person, &word))
		return;
	meanings[word.kind](person, &word);
}

/* They are in, or may get in, and nothing that they asked is under way. */
static bool is_free(const struct line_person *person)
{
	bool in = person->id[0] != '\0' && person->client != NULL;

	return (in || person->outside) && person->answered == NULL &&
	       person->call == NULL && person->missed_at == 0;
}

static bool may_say(struct line_person *person)
{
	size_t len = STAILQ_FIRST(&person->sayings)->len;

	if (person->outside)
		return true;
	/* A file is more than an event may have; it is none. */
	return hub_client_admit(person->edge->config.hub,
				&person->client->client,
				len < LIMIT_EVENT ? len : LIMIT_EVENT, -1);
}

bool line_ask_tick(struct line_person *person, int64_t now_ms)
{
	while (is_free(person) && !STAILQ_EMPTY(&person->sayings) &&
	       now_ms >= person->ask_at) {
		if (may_say(person))
			do_first(person);
		else
			person->ask_at = now_ms + PAUSE_MS;
	}
	if (STAILQ_EMPTY(&person->sayings)) {
		if (person->left && is_free(person))
			line_person_leave(person, "transport_close");
		else if (person->outside)
			line_estrange(&person->line);
		return false;
	}
	line_keep_busy(&person->line);
	return is_free(person);
}

void line_ask_answered(struct line_person *person, int64_t ack,
		       const char *json, size_t len)
{
	void (*answered)(struct line_person *person,
			 const struct json_object *answer) = person->answered;
	struct json_object *answer = NULL;

	if (ack != person->ack || answered == NULL)
		return;
	person->answered = NULL;
	if (json_parse(json, len, JSON_OURS(ANSWER_DEPTH), &answer) == JSON_OK)
		answered(person, answer);
	json_free(answer);
	line_ask_tick(person, line_person_now(person));
}
