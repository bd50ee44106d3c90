/*
 * input - reads one field of a request, or answers 400 `invalid` naming it.
 *
 * Each is true when the handler may go on, unless it says otherwise.
 */
#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>
#include <stdint.h>

struct request;
struct response;
struct store_list;

/* Of the query: a whole number from min on, cut to max; preset when absent. */
struct input_number {
	const char *name;
	int64_t min, max, preset;
};
bool input_query_number(const struct request *request,
			struct response *response,
			const struct input_number *spec, int64_t *out);

/* Of the path: an id; NULL: refused as one that is not there. */
const char *input_path_id(const struct request *request,
			  struct response *response, const char *name);
/* Of the query: an id, NULL when absent. */
bool input_query_id(const struct request *request, struct response *response,
		    const char *name, const char **out);
/* Of the query: which part of a list, by limit, which is cut to max, and
 * before. One more than is shown, to see whether there is more. */
bool input_query_list(const struct request *request, struct response *response,
		      int64_t preset, int64_t max, struct store_list *out);

/* Of the body. Absent or null: NULL. *out is borrowed from the request. */
bool input_text(const struct request *request, struct response *response,
		const char *name, const char **out);
/* The same, but it has to be there. */
bool input_text_required(const struct request *request,
			 struct response *response, const char *name,
			 const char **out);

/* 400 `invalid` in our own words; always false. */
bool input_refuse(struct response *response, const char *field,
		  const char *message);

#endif
