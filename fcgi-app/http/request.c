#include "request_in.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "body_reader.h"
#include "hex.h"
#include "json.h"
#include "json_walk.h"
#include "mem.h"
#include "palabre_limits.h"
#include "text.h"

static int any_hex_digit(char c)
{
	return hex_digit(c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c);
}

/* %XX, and with plus "+", in place. False: no hex, NUL, or no UTF-8. */
static bool request_decode(char *text, bool plus)
{
	char *to = text;

	for (const char *from = text; *from != '\0'; from++) {
		if (*from == '+' && plus) {
			*to++ = ' ';
			continue;
		}
		if (*from != '%') {
			*to++ = *from;
			continue;
		}
		int high = any_hex_digit(from[1]);
		int low = high < 0 ? -1 : any_hex_digit(from[2]);

		if (low < 0 || (high == 0 && low == 0))
			return false;
		*to++ = (char)(high * 16 + low);
		from += 2;
	}
	*to = '\0';
	return text_valid(text, (size_t)(to - text));
}

/* "/a/b/" has the segments a and b. An encoded slash would be neither here
 * nor there, so it is refused. */
static bool split_path(struct request_in *in)
{
	char *save = NULL;
	const char *path = in->path;

	if (path[0] != '/' || strstr(path, "//") != NULL ||
	    strcasestr(path, "%2f") != NULL)
		return false;
	in->segments = xstrdup(path);
	for (char *part = strtok_r(in->segments, "/", &save); part != NULL;
	     part = strtok_r(NULL, "/", &save)) {
		if (in->segment_count == REQUEST_SEGMENTS_MAX ||
		    !request_decode(part, false))
			return false;
		in->segment[in->segment_count++] = part;
	}
	return request_decode(in->path, false);
}

static bool split_query(struct request_in *in)
{
	size_t count = 0;
	char *save = NULL;

	for (char *pair = strtok_r(in->query, "&", &save); pair != NULL;
	     pair = strtok_r(NULL, "&", &save)) {
		char *value = pair + strcspn(pair, "=");

		if (*value == '=')
			*value++ = '\0';
		if (count == REQUEST_QUERY_MAX || !request_decode(pair, true) ||
		    !request_decode(value, true))
			return false;
		in->request.query[count++] = (struct request_pair){pair, value};
	}
	return true;
}

/* RFC 6750: "Bearer", in any case, and the token. */
static const char *bearer(const char *authorization)
{
	static const char scheme[] = "Bearer ";

	if (authorization == NULL ||
	    strncasecmp(authorization, scheme, strlen(scheme)) != 0)
		return NULL;
	authorization += strlen(scheme);
	return authorization + strspn(authorization, " ");
}

static const char *or_empty(const char *text)
{
	return text != NULL ? text : "";
}

bool request_in_init(struct request_in *in, const struct request_source *source)
{
	const char *target = or_empty(source->target);
	size_t path_len = strcspn(target, "?");

	*in = (struct request_in){
		.request =
			{
				.method = or_empty(source->method),
				.id = or_empty(source->id),
				.address = or_empty(source->address),
				.agent = or_empty(source->agent),
				.token = bearer(source->authorization),
				.now_ms = source->now_ms,
				.peer = source->peer,
				.reader = source->reader,
			},
	};
	in->path = xstrndup(target, path_len);
	in->request.path = in->path;
	in->query = xstrdup(target + path_len + (target[path_len] == '?'));
	return split_path(in) && split_query(in);
}

void request_in_done(struct request_in *in)
{
	json_free(in->request.body);
	store_user_done(&in->request.user);
	store_session_done(&in->request.session);
	free(in->path);
	free(in->segments);
	free(in->query);
	free(in->text);
	*in = (struct request_in){0};
}

/* With or without parameters. */
static bool request_has_type(const char *content_type, const char *type)
{
	if (content_type == NULL ||
	    strncasecmp(content_type, type, strlen(type)) != 0)
		return false;
	char next = content_type[strlen(type)];

	return next == '\0' || next == ';' || next == ' ';
}

enum request_body request_in_fetch(struct request_in *in,
				   const struct request_source *source,
				   const struct route *route)
{
	struct body_reader *reader = source->reader;
	int64_t length = reader != NULL ? reader->length : 0;

	if (route->body.max == 0)
		return REQUEST_BODY_OK;
	if (length > (int64_t)route->body.max)
		return REQUEST_BODY_LARGE;
	if (route->body.values == 0) /* with any bytes, but not wrapped up */
		return request_has_type(source->content_type,
					"multipart/form-data")
			       ? REQUEST_BODY_FORM
			       : REQUEST_BODY_OK;
	if (length <= 0)
		return (route->flags & ROUTE_BODY) != 0 ? REQUEST_BODY_MISSING
							: REQUEST_BODY_OK;
	if (!request_has_type(source->content_type, "application/json"))
		return REQUEST_BODY_TYPE;
	in->text = body_reader_rest(reader, &in->text_len);
	return in->text != NULL ? REQUEST_BODY_OK : REQUEST_BODY_BROKEN;
}

static enum request_body request_body_of(enum json_status status)
{
	static const enum request_body bodies[] = {
		[JSON_OK] = REQUEST_BODY_OK,
		[JSON_SYNTAX] = REQUEST_BODY_INVALID,
		[JSON_TOO_DEEP] = REQUEST_BODY_DEEP,
		[JSON_TOO_MANY] = REQUEST_BODY_LARGE,
		[JSON_NOT_UTF8] = REQUEST_BODY_INVALID,
	};

	return bodies[status];
}

static enum request_body request_keep_text(struct request_in *in,
					   struct json_bounds bounds)
{
	enum request_body got = request_body_of(
		json_would_parse(in->text, in->text_len, bounds));

	const char *at = in->text;

	if (got == REQUEST_BODY_OK && !json_walk_enter(&at))
		got = REQUEST_BODY_NO_OBJECT;
	if (got == REQUEST_BODY_OK)
		in->request.text = in->text;
	return got;
}

static enum request_body request_make_tree(struct request_in *in,
					   struct json_bounds bounds)
{
	struct json_object *body;
	enum request_body got = request_body_of(
		json_parse(in->text, in->text_len, bounds, &body));

	if (got != REQUEST_BODY_OK)
		return got;
	free(in->text);
	in->text = NULL;
	if (!json_is_object(body)) {
		json_free(body);
		return REQUEST_BODY_NO_OBJECT;
	}
	in->request.body = body;
	return REQUEST_BODY_OK;
}

enum request_body request_in_parse(struct request_in *in,
				   const struct route *route)
{
	const struct json_bounds bounds = {LIMIT_JSON_DEPTH,
					   route->body.values};

	assert((route->flags & ROUTE_TEXT) == 0 ||
	       (route->flags & ROUTE_BODY) != 0);
	if (in->text == NULL)
		return REQUEST_BODY_OK;
	return (route->flags & ROUTE_TEXT) != 0 ? request_keep_text(in, bounds)
						: request_make_tree(in, bounds);
}

/* A parameter's name is borrowed from the pattern of the route, so it ends at
 * the next slash. */
const char *request_param(const struct request *request, const char *name)
{
	const struct request_pair *params = request->params;
	size_t len = strlen(name);

	for (size_t i = 0; i < REQUEST_PARAMS_MAX && params[i].name; i++) {
		if (strncmp(params[i].name, name, len) == 0 &&
		    (params[i].name[len] == '\0' || params[i].name[len] == '/'))
			return params[i].value;
	}
	return NULL;
}

const char *request_query(const struct request *request, const char *name)
{
	const struct request_pair *query = request->query;

	for (size_t i = 0; i < REQUEST_QUERY_MAX && query[i].name; i++) {
		if (strcmp(query[i].name, name) == 0)
			return query[i].value;
	}
	return NULL;
}
