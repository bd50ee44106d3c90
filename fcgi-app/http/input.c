#include "input.h"

#include <errno.h>
#include <stdlib.h>

#include "ids.h"
#include "json.h"
#include "request.h"
#include "response.h"
#include "store.h"

bool input_refuse(struct response *response, const char *field,
		  const char *message)
{
	response_refuse_as(response, REFUSAL_INVALID, field, message);
	return false;
}

bool input_query_number(const struct request *request,
			struct response *response,
			const struct input_number *spec, int64_t *out)
{
	const char *text = request_query(request, spec->name);
	char *end;

	*out = spec->preset;
	if (text == NULL)
		return true;
	errno = 0;
	long long number = strtoll(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
	    number < spec->min)
		return input_refuse(response, spec->name,
				    "This must be a whole number in range.");
	*out = number < spec->max ? number : spec->max;
	return true;
}

const char *input_path_id(const struct request *request,
			  struct response *response, const char *name)
{
	const char *id = request_param(request, name);

	if (id_valid(id))
		return id;
	response_refuse(response, REFUSAL_NOT_FOUND);
	return NULL;
}

bool input_query_id(const struct request *request, struct response *response,
		    const char *name, const char **out)
{
	*out = request_query(request, name);
	return *out == NULL || id_valid(*out) ||
	       input_refuse(response, name, "An id has 24 hexadecimal digits.");
}

bool input_query_list(const struct request *request, struct response *response,
		      int64_t preset, int64_t max, struct store_list *out)
{
	const struct input_number spec = {"limit", 1, max, preset};
	int64_t limit;

	if (!input_query_number(request, response, &spec, &limit))
		return false;
	*out = (struct store_list){.limit = (size_t)limit + 1};
	return input_query_id(request, response, "before", &out->before);
}

bool input_text(const struct request *request, struct response *response,
		const char *name, const char **out)
{
	*out = NULL;
	if (json_get_string(request->body, name, out) != JSON_WRONG)
		return true;
	return input_refuse(response, name, "This must be a text.");
}

bool input_text_required(const struct request *request,
			 struct response *response, const char *name,
			 const char **out)
{
	if (!input_text(request, response, name, out))
		return false;
	if (*out != NULL)
		return true;
	return input_refuse(response, name, "This is required.");
}
