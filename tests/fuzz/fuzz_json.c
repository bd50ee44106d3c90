/* Strict JSON: whatever is parsed prints, and what it prints parses again. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "json.h"
#include "palabre_limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_object *value, *again;

	if (json_parse((const char *)data, size, JSON_OURS(LIMIT_JSON_DEPTH),
		       &value) != JSON_OK ||
	    value == NULL)
		return 0;

	size_t len;
	const char *text = json_print(value, &len);
	enum json_status status =
		json_parse(text, len, JSON_OURS(LIMIT_JSON_DEPTH), &again);

	assert(status == JSON_OK);
	(void)status;
	json_free(again);
	json_free(value);
	return 0;
}
