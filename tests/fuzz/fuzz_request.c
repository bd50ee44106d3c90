/*
 * fuzz_request - the target of a request, its query and its Authorization, as
 * strangers send them: "target\nauthorization\nbody".
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "body_reader.h"
#include "mem.h"
#include "request_in.h"
#include "router_find.h"
#include "text.h"

static const struct route routes[] = {
	{"GET", "/api/users/:id", POOL_API, 0, ROUTE_JSON, NULL},
	{"GET", "/a/:b/:c/:d/:e", POOL_API, 0, ROUTE_JSON, NULL},
	{.method = NULL},
};

static void check_text(const char *text)
{
	assert(text_valid(text, strlen(text)));
}

static void look(struct request_in *in)
{
	struct router_found found;

	router_find(routes, POOL_API, in, &found);
	check_text(in->request.path);
	for (size_t i = 0; i < REQUEST_PARAMS_MAX; i++) {
		if (in->request.params[i].name != NULL)
			check_text(in->request.params[i].value);
	}
	for (size_t i = 0; i < REQUEST_QUERY_MAX; i++) {
		if (in->request.query[i].name == NULL)
			break;
		check_text(in->request.query[i].name);
		check_text(in->request.query[i].value);
	}
	request_param(&in->request, "id");
	request_query(&in->request, "page");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *memory = xmalloc(size + 1);
	char *next = memory;
	struct request_in in;

	if (size > 0)
		memcpy(memory, data, size);
	memory[size] = '\0';
	struct request_source source = {
		.method = "GET",
		.content_type = "application/json",
		.target = strsep(&next, "\n"),
		.authorization = next != NULL ? strsep(&next, "\n") : NULL,
	};
	struct body_reader reader = {
		.context = next,
		.length = next != NULL ? (int64_t)size - (next - memory) : 0,
	};

	source.reader = &reader;

	if (request_in_init(&in, &source)) {
		look(&in);
		if (request_in_fetch(&in, &source, routes) == REQUEST_BODY_OK)
			request_in_parse(&in, routes);
	}
	request_in_done(&in);
	free(memory);
	return 0;
}
