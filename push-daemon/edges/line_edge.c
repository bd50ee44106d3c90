#include "line_edge.h"

#include <stdlib.h>
#include <string.h>

#include "crypt.h"
#include "json.h"
#include "line_name.h"
#include "line_person.h"
#include "line_server.h"
#include "line_words.h"
#include "mem.h"
#include "sio_message.h"

#define NUMBERS 9000 /* of those without a name: 1000 to 9999 */

int64_t line_person_now(const struct line_person *person)
{
	return person->edge->config.server.mono_ms();
}

struct line_reader line_person_reader(const struct line_person *person)
{
	return (struct line_reader){
		.id = person->id,
		.support = person->support,
		.ends = person->line.outbox.ends,
	};
}

bool line_person_wrote(const struct line_person *person,
		       const struct json_object *message)
{
	const char *sender = "";

	json_get_string(message, "sender", &sender);
	return strcmp(sender, person->id) == 0;
}

/* ---- coming ---- */

char *line_person_number(void)
{
	uint32_t number;

	crypt_random(&number, sizeof(number));
	return xasprintf("Client_%u", 1000 + number % NUMBERS);
}

static void enter_as(struct line_person *person, const char *text)
{
	struct line_name name;

	line_name_read(text, &name);
	person->numbered = name.username[0] == '\0';
	person->asked = person->numbered ? line_person_number()
					 : xstrdup(name.username);
	person->display_name = xstrdup(name.display_name);
	line_name_done(&name);
	line_client_enter(person);
}

/* Whoever signs in at once is no guest before. */
static void enter_by_command(struct line_person *person,
			     const struct line_word *word, size_t len)
{
	if (strcmp(word->command, "login") == 0) {
		person->asked = xstrdup("");
		line_outside_begin(person, NULL);
	} else {
		enter_as(person, "");
	}
	line_ask_take(person, word->text, len);
}

/* The first that is heard of them. */
static void hear_first(struct line_person *person, char *text, size_t len)
{
	bool ends = person->line.outbox.ends;
	char *copy = xstrdup(text);
	struct line_word word;

	line_word_read(copy, ends, &word);
	if (word.kind == LINE_WORD_SLASH && line_command_is(word.command)) {
		enter_by_command(person, &word, len);
	} else if (word.kind == LINE_WORD_GOODBYE) {
		line_tell_goodbye(person);
		line_person_leave(person, "client_disconnect");
	} else if (word.kind == LINE_WORD_NAME) {
		enter_as(person, word.text);
	} else if (!ends && line_name_is_message(text)) {
		enter_as(person, "");
		line_ask_take(person, text, len);
	} else {
		enter_as(person, text);
	}
	free(copy);
}

static void line_edge_heard(struct line *line, enum line_kind kind, char *text,
			    size_t len, void *user)
{
	struct line_person *person = line_person_of(line);

	if (person->edge == NULL) {
		person->edge = user;
		STAILQ_INIT(&person->sayings);
	}
	if (kind == LINE_TOO_LONG) {
		line_tell(person, "That line is too long.");
		line_answer(line);
	} else if (person->asked == NULL) {
		hear_first(person, text, len);
	} else {
		line_ask_take(person, text, len);
	}
}

/* What they have said is done before they go. */
static void line_edge_ended(struct line *line, void *user)
{
	struct line_person *person = line_person_of(line);

	(void)user;
	person->left = true;
	if (person->asked == NULL)
		line_person_leave(person, "transport_close");
	else
		line_keep_busy(line);
}

static void line_edge_lost(struct line *line, const char *reason, void *user)
{
	struct line_person *person = line_person_of(line);

	if (person->edge == NULL)
		return;
	(void)user;
	line_rest_cancel(person);
	line_fetch_cancel(person);
	line_client_part(person, reason);
	line_ask_done(person);
}

static void line_edge_done(struct line *line)
{
	struct line_person *person = line_person_of(line);

	line_client_forget_token(person);
	line_banner_unref(person->banner);
	free(person->asked);
	free(person->display_name);
	free(person->whom);
	free(person->text);
}

static bool line_edge_tick(struct line *line, int64_t now_ms, void *user)
{
	struct line_person *person = line_person_of(line);
	bool asks, looks, missed;

	(void)user;
	if (person->edge == NULL)
		return false;
	if (person->enter_at > 0 && now_ms >= person->enter_at)
		line_client_enter(person);
	asks = line_ask_tick(person, now_ms);
	looks = line_receipts_tick(person, now_ms);
	missed = line_missed_tick(person, now_ms);
	return asks || looks || missed || person->enter_at > 0;
}

/* ---- the edge ---- */

struct line_edge *line_edge_new(uv_loop_t *loop,
				const struct line_edge_config *config)
{
	static const struct line_protocol protocol = {
		.size = sizeof(struct line_person),
		.heard = line_edge_heard,
		.ended = line_edge_ended,
		.lost = line_edge_lost,
		.done = line_edge_done,
		.tick = line_edge_tick,
	};
	struct line_edge *edge = xcalloc(1, sizeof(*edge));

	edge->config = *config;
	edge->server = line_server_new(loop, &config->server, &protocol, edge);
	return edge;
}

char *line_edge_listen(struct line_edge *edge, const char *address, int *port)
{
	return line_server_listen(edge->server, address, port);
}

char *line_edge_listen_tls(struct line_edge *edge, const char *address,
			   int *port)
{
	return line_server_listen_tls(edge->server, address, port);
}

void line_edge_close(struct line_edge *edge)
{
	if (edge != NULL)
		line_server_close(edge->server);
}

void line_edge_free(struct line_edge *edge)
{
	if (edge == NULL)
		return;
	line_server_free(edge->server);
	line_banner_unref(edge->banner);
	sio_message_unref(edge->event);
	json_free(edge->parsed);
	free(edge);
}

void line_edge_read_stats(const struct line_edge *edge, struct line_stats *out)
{
	line_server_read_stats(edge != NULL ? edge->server : NULL, out);
}
