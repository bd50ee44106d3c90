#include <stdlib.h>

#include "json.h"
#include "line_person.h"
#include "rest_call.h"

#define ANSWER_DEPTH 12

/* Where it was refused, or the hub cannot take it, the hub asks again. */
static void renewed(const struct rest_answer *answer, void *user)
{
	struct line_person *person = user;
	struct json_object *parsed = NULL, *body;
	const char *token = "";

	person->renewal = NULL;
	json_parse(answer->body, answer->len, JSON_OURS(ANSWER_DEPTH), &parsed);
	if (answer->status == 200 &&
	    json_get_string(parsed, "token", &token) == JSON_FOUND) {
		line_client_take_token(person, token);
		body = json_new_object();
		json_put_string(body, "token", token);
		line_client_say(person, "renew", -1, body);
	}
	json_free(parsed);
}

void line_renewal_begin(struct line_person *person)
{
	const struct rest_request request = {
		.socket = person->edge->config.api_socket,
		.method = "POST",
		.target = "/api/auth/refresh",
		.token = person->token,
		.address = person->line.address,
	};

	if (person->token == NULL || person->renewal != NULL)
		return;
	person->renewal = rest_call_new(person->line.poll.loop, &request,
					renewed, person);
}

void line_renewal_cancel(struct line_person *person)
{
	rest_call_cancel(person->renewal);
	person->renewal = NULL;
}
