/* The body of a sync: whatever is accepted is sorted and within its limits,
 * and the plan made of it never sends more than an answer may hold. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "json.h"
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_object *body;
	struct sync_request request;

	if (json_parse((const char *)data, size, JSON_OURS(LIMIT_JSON_DEPTH),
		       &body) != JSON_OK)
		return 0;
	if (sync_request_read(&request, body) == NULL) {
		assert(request.count <= LIMIT_CONVERSATIONS);
		plan(&request);
	}
	sync_request_done(&request);
	json_free(body);
	return 0;
}
