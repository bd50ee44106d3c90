#include "nginx_errors.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "buf.h"
#include "mem.h"
#include "refusals.h"

#define TEXT_MAX 16384

/* One of each status: what nginx means by it. */
static const enum refusal ours[] = {
	REFUSAL_INVALID,
	REFUSAL_UNAUTHORIZED,
	REFUSAL_FORBIDDEN,
	REFUSAL_NO_SUCH_PATH,
	REFUSAL_METHOD,
	REFUSAL_SLOW_REQUEST,
	REFUSAL_NO_LENGTH,
	REFUSAL_PRECONDITION,
	REFUSAL_TOO_LARGE,
	REFUSAL_ADDRESS_TOO_LONG,
	REFUSAL_RANGE,
	REFUSAL_RATE_LIMITED,
	REFUSAL_HEADERS_TOO_LARGE,
	REFUSAL_INTERNAL,
	REFUSAL_TRANSFER_ENCODING,
	REFUSAL_UNAVAILABLE,
	REFUSAL_HTTP_VERSION,
};

char *nginx_errors_statuses(void)
{
	struct buf out;

	buf_init(&out, TEXT_MAX);
	for (size_t i = 0; i < COUNT_OF(ours); i++)
		buf_addf(&out, "%s%d", i > 0 ? " " : "",
			 refusal_row(ours[i])->status);
	return buf_take(&out);
}

char *nginx_errors_codes(void)
{
	const struct refusal_row *late = refusal_row(REFUSAL_OUTCOME_UNKNOWN);
	struct buf out;

	buf_init(&out, TEXT_MAX);
	buf_addf(&out, "default %s;\n", refusal_row(REFUSAL_INTERNAL)->code);
	for (size_t i = 0; i < COUNT_OF(ours); i++)
		buf_addf(&out, "\t%d %s;\n", refusal_row(ours[i])->status,
			 refusal_row(ours[i])->code);
	buf_addf(&out, "\t'%d late' %s;\n", late->status, late->code);
	return buf_take(&out);
}

/* They stand in a text of nginx, within one of JSON. */
static const char *nginx_errors_quoted(const struct refusal_row *row)
{
	assert(strpbrk(row->words, "'\"\\$") == NULL);
	return row->words;
}

char *nginx_errors_words(void)
{
	const struct refusal_row *late = refusal_row(REFUSAL_OUTCOME_UNKNOWN);
	struct buf out;

	buf_init(&out, TEXT_MAX);
	buf_addf(&out, "default '%s';\n",
		 nginx_errors_quoted(refusal_row(REFUSAL_INTERNAL)));
	for (size_t i = 0; i < COUNT_OF(ours); i++)
		buf_addf(&out, "\t%d '%s';\n", refusal_row(ours[i])->status,
			 nginx_errors_quoted(refusal_row(ours[i])));
	buf_addf(&out, "\t'%d late' '%s';\n", late->status,
		 nginx_errors_quoted(late));
	return buf_take(&out);
}
