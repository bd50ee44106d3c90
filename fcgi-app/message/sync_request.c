#include "sync_request.h"

#include <string.h>

#include "json.h"
#include "mem.h"
#include "palabre_limits.h"

struct reader {
	struct sync_request *request;
	size_t cap;
};

static bool read_point(const struct json_object *value, struct sync_point *out)
{
	return json_get_int(value, "seq", &out->seq) == JSON_FOUND &&
	       json_get_int(value, "change", &out->change) == JSON_FOUND &&
	       out->seq >= 0 && out->seq <= LIMIT_NUMBER && out->change >= 0 &&
	       out->change <= LIMIT_NUMBER;
}

static bool read_named(const char *key, struct json_object *value,
		       void *context)
{
	struct reader *reader = context;
	struct sync_request *request = reader->request;
	struct sync_named one = {.met = false};

	if (request->count == LIMIT_CONVERSATIONS || !id_valid(key) ||
	    !read_point(value, &one.at))
		return false;
	memcpy(one.id, key, ID_SIZE);
	if (request->count == reader->cap) {
		reader->cap = reader->cap > 0 ? 2 * reader->cap : 16;
		request->named = xrealloc(
			request->named, reader->cap * sizeof(*request->named));
	}
	request->named[request->count++] = one;
	return true;
}

static int by_id(const void *a, const void *b)
{
	const struct sync_named *left = a, *right = b;

	return strcmp(left->id, right->id);
}

const char *sync_request_read(struct sync_request *request,
			      const struct json_object *body)
{
	struct reader reader = {.request = request};
	struct json_object *conversations = NULL;

	*request = (struct sync_request){.count = 0};
	if (json_get_string(body, "epoch", &request->epoch) == JSON_WRONG)
		return "epoch";
	if (json_get_int(body, "own", &request->own) == JSON_WRONG ||
	    request->own < 0 || request->own > LIMIT_NUMBER)
		return "own";
	if (json_get_object(body, "conversations", &conversations) ==
		    JSON_WRONG ||
	    !json_each(conversations, read_named, &reader))
		return "conversations";
	if (request->count > 0)
		qsort(request->named, request->count, sizeof(*request->named),
		      by_id);
	return NULL;
}

void sync_request_done(struct sync_request *request)
{
	free(request->named);
	*request = (struct sync_request){.count = 0};
}

struct sync_named *sync_request_find(const struct sync_request *request,
				     const char *id)
{
	struct sync_named key = {.met = false};

	if (request->count == 0)
		return NULL;
	memcpy(key.id, id, ID_SIZE);
	return bsearch(&key, request->named, request->count, sizeof(key),
		       by_id);
}
