#include "sync_request.h"

#include <stdlib.h>
#include <string.h>

#include "json_walk.h"
#include "mem.h"
#include "palabre_limits.h"

/* Of what is said twice the last counts, as in a tree. */
struct sync_parts {
	struct json_walk_value epoch, own, conversations;
};

static void find_parts(const char *body, struct sync_parts *out)
{
	struct json_walk_member member;

	*out = (struct sync_parts){.epoch.text = NULL};
	for (const char *at = json_walk_into(body);
	     json_walk_member(&at, &member);) {
		if (json_walk_is(&member, "epoch"))
			out->epoch = member.value;
		else if (json_walk_is(&member, "own"))
			out->own = member.value;
		else if (json_walk_is(&member, "conversations"))
			out->conversations = member.value;
	}
}

static bool read_epoch(struct sync_request *request,
		       struct json_walk_value value)
{
	request->tree = json_walk_tree(value);
	request->epoch = json_text_of(request->tree);
	return request->tree == NULL || request->epoch != NULL;
}

static bool sync_read_number(struct json_walk_value value, int64_t *out)
{
	return json_walk_int(value, out) == JSON_FOUND && *out >= 0 &&
	       *out <= LIMIT_NUMBER;
}

static bool read_point(struct sync_named *out)
{
	struct json_walk_value seq = {NULL, 0}, change = {NULL, 0};
	struct json_walk_member member;

	for (const char *at = json_walk_into(out->value.text);
	     json_walk_member(&at, &member);) {
		if (json_walk_is(&member, "seq"))
			seq = member.value;
		else if (json_walk_is(&member, "change"))
			change = member.value;
	}
	return sync_read_number(seq, &out->at.seq) &&
	       sync_read_number(change, &out->at.change);
}

/* ---- conversations ---- */

static struct sync_named *add_named(struct sync_request *request, size_t *cap)
{
	if (request->count == *cap) {
		*cap = *cap > 0 ? 2 * *cap : 64;
		request->named = xrealloc(request->named,
					  *cap * sizeof(*request->named));
	}
	struct sync_named *named = &request->named[request->count];

	*named = (struct sync_named){.said = request->count++};
	return named;
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
static void put_in_order(struct sync_request *request)
{
	struct sync_named *named = request->named;
	size_t kept = 0;

	if (request->count > 0)
		qsort(named, request->count, sizeof(*named), by_id);
	for (size_t i = 0; i < request->count; i++) {
		if (kept > 0 && strcmp(named[kept - 1].id, named[i].id) == 0)
			kept--;
		named[kept++] = named[i];
	}
	request->count = kept;
}

static bool read_conversations(struct sync_request *request,
			       struct json_walk_value value)
{
	struct json_walk_member member;
	size_t cap = 0;
	bool good = true;

	if (value.text == NULL || value.text[0] == 'n')
		return true;
	if (value.text[0] != '{')
		return false;
	for (const char *at = json_walk_into(value.text);
	     good && json_walk_member(&at, &member);) {
		struct sync_named *named = add_named(request, &cap);

		good = json_walk_text(member.key, named->id, ID_SIZE) &&
		       id_valid(named->id);
		named->value = member.value;
	}
	put_in_order(request);
	good = good && request->count <= LIMIT_CONVERSATIONS;
	for (size_t i = 0; good && i < request->count; i++)
		good = read_point(&request->named[i]);
	return good;
}

const char *sync_request_read(struct sync_request *request, const char *body)
{
	struct sync_parts parts;

	*request = (struct sync_request){.count = 0};
	find_parts(body, &parts);
	if (!read_epoch(request, parts.epoch))
		return "epoch";
	if (json_walk_int(parts.own, &request->own) == JSON_WRONG ||
	    request->own < 0 || request->own > LIMIT_NUMBER)
		return "own";
	if (!read_conversations(request, parts.conversations))
		return "conversations";
	return NULL;
}

void sync_request_done(struct sync_request *request)
{
	free(request->named);
	json_free(request->tree);
	*request = (struct sync_request){.count = 0};
}

struct sync_named *sync_request_find(const struct sync_request *request,
				     const char *id)
{
	size_t low = 0, high = request->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(id, request->named[middle].id);

		if (order == 0)
			return &request->named[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}
