#include "local_rest.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "rest_ask.h"

#define ANSWER_DEPTH 12

int local_rest(const struct local_rest *rest, const char *method,
	       const char *target, struct json_object *body,
	       struct json_object **answer)
{
	size_t len;
	const struct rest_question question = {
		.socket = rest->socket,
		.method = method,
		.path = target,
		.token = rest->token,
		.body = body != NULL ? json_print(body, &len) : NULL,
	};
	int status = 0;
	char *text = rest_ask(&question, &status);

	*answer = NULL;
	if (text != NULL)
		json_parse(text, strlen(text), JSON_OURS(ANSWER_DEPTH), answer);
	else
		status = 0;
	json_free(body);
	free(text);
	return status;
}

const char *local_rest_words(int status, const struct json_object *answer)
{
	const char *words = "it was refused";
	struct json_object *error;

	if (status == 0)
		return "palabre-api does not answer";
	if (json_get_object(answer, "error", &error) == JSON_FOUND)
		json_get_string(error, "message", &words);
	return words;
}
