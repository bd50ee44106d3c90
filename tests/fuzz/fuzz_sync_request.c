/* The body of a sync: whatever is accepted is what a tree of it says, sorted
 * and within its limits, and the plan made of it never sends more than an
 * answer may hold. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "mem.h"
#include "palabre_limits.h"
#include "sync_plan.h"
#include "sync_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void plan(const struct sync_request *request)
{
	static const struct sync_point ours = {300, 100};
	struct sync_plan plan = sync_plan_new(true);

	for (size_t i = 0; i < request->count; i++) {
		const struct sync_named *named = &request->named[i];

		assert(id_valid(named->id));
		assert(named->at.seq >= 0 && named->at.change >= 0);
		assert(i == 0 || strcmp(named[-1].id, named->id) < 0);
		assert(sync_request_find(request, named->id) == named);
		sync_plan_next(&plan, &named->at, &ours, 1);
		assert(plan.room >= 0);
	}
}

static bool is_number(const struct json_object *object, const char *key,
		      int64_t *out)
{
	return json_get_int(object, key, out) == JSON_FOUND && *out >= 0 &&
	       *out <= LIMIT_NUMBER;
}

static bool is_point(const char *id, struct json_object *value, void *context)
{
	int64_t number;

	++*(size_t *)context;
	return id_valid(id) && is_number(value, "seq", &number) &&
	       is_number(value, "change", &number);
}

/* What is to be taken, as a tree of the body has it. */
static bool is_good(const struct json_object *body, size_t *count)
{
	struct json_object *all = NULL;
	const char *epoch;
	int64_t own = 0;

	return json_get_string(body, "epoch", &epoch) != JSON_WRONG &&
	       json_get_int(body, "own", &own) != JSON_WRONG && own >= 0 &&
	       own <= LIMIT_NUMBER &&
	       json_get_object(body, "conversations", &all) != JSON_WRONG &&
	       json_each(all, is_point, count) && *count <= LIMIT_CONVERSATIONS;
}

static bool same_point(const char *id, struct json_object *value, void *context)
{
	const struct sync_named *named = sync_request_find(context, id);
	int64_t seq = -1, change = -1;

	json_get_int(value, "seq", &seq);
	json_get_int(value, "change", &change);
	assert(named != NULL);
	assert(named->at.seq == seq && named->at.change == change);
	return true;
}

static void compare(struct sync_request *request,
		    const struct json_object *body)
{
	const char *epoch = "";
	int64_t own = 0;

	json_get_string(body, "epoch", &epoch);
	json_get_int(body, "own", &own);
	assert(strcmp(request->epoch != NULL ? request->epoch : "", epoch) ==
	       0);
	assert(request->own == own);
	json_each(json_any(body, "conversations"), same_point, request);
}

static void read_both(const char *text, const struct json_object *body)
{
	struct sync_request request;
	size_t count = 0;
	bool taken = sync_request_read(&request, text) == NULL;

	assert(taken == is_good(body, &count));
	if (taken) {
		assert(request.count == count);
		plan(&request);
		compare(&request, body);
	}
	sync_request_done(&request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xstrndup((const char *)data, size);
	struct json_object *body;

	if (strlen(text) == size &&
	    json_parse(text, size, JSON_OURS(LIMIT_JSON_DEPTH), &body) ==
		    JSON_OK) {
		if (json_is_object(body))
			read_both(text, body);
		json_free(body);
	}
	free(text);
	return 0;
}
