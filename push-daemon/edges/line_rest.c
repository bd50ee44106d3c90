#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "line_person.h"
#include "mem.h"
#include "percent.h"
#include "refusals.h"
#include "rest_call.h"

#define ANSWER_DEPTH 12
#define SIGN_INS_MAX 2 /* at once, of all lines */

static void end_call(struct line_person *person)
{
	person->call = NULL;
	if (person->signs_in)
		person->edge->sign_ins--;
	person->signs_in = false;
}

static void line_rest_answered(const struct rest_answer *answer, void *user)
{
	struct line_person *person = user;
	line_rest_done *done = person->rest_done;
	struct json_object *parsed = NULL;

	end_call(person);
	json_parse(answer->body, answer->len, JSON_OURS(ANSWER_DEPTH), &parsed);
	done(person, answer->status, parsed);
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

bool line_rest_sign_in(struct line_person *person, const char *name,
		       const char *password, line_rest_done *done)
{
	struct json_object *body;
	struct rest_request request = {
		.socket = person->edge->config.auth_socket,
		.method = "POST",
		.target = "/api/auth/login",
		.token = "",
	};

	if (person->edge->sign_ins >= SIGN_INS_MAX)
		return false;
	person->edge->sign_ins++;
	person->signs_in = true;
	body = json_new_object();
	json_put_string(body, "username", name);
	json_put_string(body, "password", password);
	rest_ask(person, &request, body, done);
	return true;
}

void line_rest_upload(struct line_person *person, const char *name,
		      const void *bytes, size_t len, line_rest_done *done)
{
	char *query = percent_query(name);
	char *target = xasprintf("/api/files?name=%s", query);
	struct rest_request request = {
		.socket = person->edge->config.api_socket,
		.method = "POST",
		.target = target,
		.token = person->token,
		.body = bytes,
		.len = len,
		.type = "application/octet-stream",
	};

	rest_ask(person, &request, NULL, done);
	free(target);
	free(query);
}

void line_rest_cancel(struct line_person *person)
{
	rest_call_cancel(person->call);
	end_call(person);
}

const char *line_rest_words(const struct json_object *body)
{
	const char *words = refusal_words("unavailable");
	struct json_object *error;

	if (json_get_object(body, "error", &error) == JSON_FOUND)
		json_get_string(error, "message", &words);
	return words;
}
