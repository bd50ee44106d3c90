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

/* As a tree of the body has it. */
static bool same_point(const char *id, struct json_object *value, void *context)
{
	const struct sync_named *named = sync_request_find(context, id);
	int64_t seq, change;

	assert(named != NULL);
	assert(json_get_int(value, "seq", &seq) == JSON_FOUND);
	assert(json_get_int(value, "change", &change) == JSON_FOUND);
	assert(named->at.seq == seq && named->at.change == change);
	return true;
}

static bool count_one(const char *id, struct json_object *value, void *context)
{
	(void)id;
	(void)value;
	++*(size_t *)context;
	return true;
}

static void compare(struct sync_request *request,
		    const struct json_object *body)
{
	const struct json_object *all = json_any(body, "conversations");
	const char *epoch = "";
	int64_t own = 0;
	size_t count = 0;

	assert(json_get_string(body, "epoch", &epoch) != JSON_WRONG);
	assert(strcmp(request->epoch != NULL ? request->epoch : "", epoch) ==
	       0);
	assert(json_get_int(body, "own", &own) != JSON_WRONG);
	assert(request->own == own);
	json_each(all, count_one, &count);
	assert(request->count == count);
	json_each(all, same_point, request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xstrndup((const char *)data, size);
	struct json_object *body;
	struct sync_request request;

	if (strlen(text) == size &&
	    json_parse(text, size, JSON_OURS(LIMIT_JSON_DEPTH), &body) ==
		    JSON_OK) {
		if (json_is_object(body) &&
		    sync_request_read(&request, text) == NULL) {
			assert(request.count <= LIMIT_CONVERSATIONS);
			plan(&request);
			compare(&request, body);
		}
		if (json_is_object(body))
			sync_request_done(&request);
		json_free(body);
	}
	free(text);
	return 0;
}
