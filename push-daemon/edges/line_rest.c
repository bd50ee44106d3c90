#include <string.h>

#include "json.h"
#include "line_person.h"
#include "refusals.h"
#include "rest_call.h"

#define ANSWER_DEPTH 12

static void line_rest_answered(int status, const char *body, size_t len,
			       void *user)
{
	struct line_person *person = user;
	line_rest_done *done = person->rest_done;
	struct json_object *parsed = NULL;

	person->call = NULL;
	json_parse(body, len, JSON_OURS(ANSWER_DEPTH), &parsed);
	done(person, status, parsed);
	json_free(parsed);
}

static void rest_ask(struct line_person *person, struct rest_request *request,
		     struct json_object *body, line_rest_done *done)
{

	request->address = person->line.address;
	if (body != NULL)
		request->body = json_print(body, &request->len);
	person->rest_done = done;
	person->call = rest_call_new(person->line.poll.loop, request,
				     line_rest_answered, person);
	json_free(body);
}

void line_rest(struct line_person *person, const char *method,
	       const char *target, struct json_object *body,
	       line_rest_done *done)
{
	struct rest_request request = {
		.socket = person->edge->config.api_socket,
		.method = method,
		.target = target,
		.token = person->token != NULL ? person->token : "",
	};

	if (strcmp(target, LINE_REST_PROFILE) == 0)
		request.socket = person->edge->config.auth_socket;
	rest_ask(person, &request, body, done);
}

void line_rest_sign_in(struct line_person *person, struct json_object *body,
		       line_rest_done *done)
{
	struct rest_request request = {
		.socket = person->edge->config.auth_socket,
		.method = "POST",
		.target = "/api/auth/login",
		.token = "",
	};

	rest_ask(person, &request, body, done);
}

void line_rest_cancel(struct line_person *person)
{
	rest_call_cancel(person->call);
	person->call = NULL;
}

const char *line_rest_words(const struct json_object *body)
{
	const char *words = refusal_words("unavailable");
	struct json_object *error;

	if (json_get_object(body, "error", &error) == JSON_FOUND)
		json_get_string(error, "message", &words);
	return words;
}
