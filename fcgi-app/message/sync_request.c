#include "sync_request.h"

#include <stdlib.h>
#include <string.h>

#include "json_walk.h"
#include "mem.h"
#include "palabre_limits.h"

/* Of what is said twice the last counts, as in a tree. */

static bool sync_read_number(struct json_walk_value value, int64_t *out)
{
	return json_walk_int(value, out) == JSON_FOUND && *out >= 0 &&
	       *out <= LIMIT_NUMBER;
}

static bool read_point(const char **at, struct sync_point *out)
{
	struct json_walk_value key, value;
	struct json_walk_value seq = {.text = NULL}, change = {.text = NULL};

	if (!json_walk_enter(at)) {
		json_walk_value(at, &value);
		return false;
	}
	while (json_walk_key(at, &key)) {
		json_walk_value(at, &value);
		if (json_walk_is(key, "seq"))
			seq = value;
		else if (json_walk_is(key, "change"))
			change = value;
	}
	return sync_read_number(seq, &out->seq) &&
	       sync_read_number(change, &out->change);
}

/* ---- conversations ---- */

static struct sync_named *add_named(struct sync_request *request)
{
	if (request->count == request->cap) {
		request->cap = request->cap > 0 ? 2 * request->cap : 64;
		request->named = xrealloc(
			request->named, request->cap * sizeof(*request->named));
	}
	struct sync_named *named = &request->named[request->count];

	*named = (struct sync_named){.said = request->count++};
	return named;
}

/* False: what is there are no conversations. */
static bool read_conversations(struct sync_request *request, const char **at)
{
	struct json_walk_value key, value;
	bool good = true;

	request->count = 0;
	if (!json_walk_enter(at)) {
		json_walk_value(at, &value);
		return value.text[0] == 'n';
	}
	while (json_walk_key(at, &key)) {
		struct sync_named *named = add_named(request);

		good &= json_walk_name(key, named->id, ID_SIZE) &&
			id_valid(named->id);
		named->wrong = !read_point(at, &named->at);
	}
	return good;
}

static int by_id(const void *a, const void *b)
{
	const struct sync_named *left = a, *right = b;
	int order = memcmp(left->id, right->id, ID_SIZE);

	if (order != 0)
		return order;
	return left->said < right->said ? -1 : left->said > right->said;
}

/* In the order of their ids, and of those with one id the last. */
static bool put_in_order(struct sync_request *request)
{
	struct sync_named *named = request->named;
	size_t kept = 0;
	bool good = true;

	if (request->count > 0)
		qsort(named, request->count, sizeof(*named), by_id);
	for (size_t i = 0; i < request->count; i++) {
		if (kept > 0 && strcmp(named[kept - 1].id, named[i].id) == 0)
			kept--;
		named[kept++] = named[i];
	}
	request->count = kept;
	for (size_t i = 0; i < kept; i++)
		good &= !named[i].wrong;
	return good && kept <= LIMIT_CONVERSATIONS;
}

/* ---- the body ---- */

static bool read_epoch(struct sync_request *request,
		       struct json_walk_value value)
{
	request->tree = json_walk_tree(value);
	request->epoch = json_text_of(request->tree);
	return request->tree == NULL || request->epoch != NULL;
}

static bool read_own(struct sync_request *request, struct json_walk_value value)
{
	return json_walk_int(value, &request->own) != JSON_WRONG &&
	       request->own >= 0 && request->own <= LIMIT_NUMBER;
}

const char *sync_request_read(struct sync_request *request, const char *body)
{
	struct json_walk_value key, value;
	struct json_walk_value epoch = {.text = NULL}, own = {.text = NULL};
	bool good = true;

	*request = (struct sync_request){.count = 0};
	json_walk_enter(&body);
	while (json_walk_key(&body, &key)) {
		if (json_walk_is(key, "conversations")) {
			good = read_conversations(request, &body);
			continue;
		}
		json_walk_value(&body, &value);
		if (json_walk_is(key, "epoch"))
			epoch = value;
		else if (json_walk_is(key, "own"))
			own = value;
	}
	if (!read_epoch(request, epoch))
		return "epoch";
	if (!read_own(request, own))
		return "own";
	return put_in_order(request) && good ? NULL : "conversations";
}

void sync_request_done(struct sync_request *request)
{
	free(request->named);
	json_free(request->tree);
	*request = (struct sync_request){.count = 0};
}

static int against_id(const void *id, const void *named)
{
	return strcmp(id, ((const struct sync_named *)named)->id);
}

struct sync_named *sync_request_find(const struct sync_request *request,
				     const char *id)
{
	if (request->count == 0)
		return NULL;
	return bsearch(id, request->named, request->count,
		       sizeof(*request->named), against_id);
}
