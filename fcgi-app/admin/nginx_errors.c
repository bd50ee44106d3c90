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

/* What server.conf marks beside the status. */
static const struct {
	enum refusal refusal;
	const char *mark;
} marked[] = {
	{REFUSAL_OUTCOME_UNKNOWN, "late"},
	{REFUSAL_NO_SPACE_FOR_BODY, "full"},
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

/* They stand in a text of nginx, within one of JSON. */
static const char *nginx_errors_quotable(const char *text)
{
	assert(strpbrk(text, "'\"\\$") == NULL);
	return text;
}

static const char *nginx_errors_code(const struct refusal_row *row)
{
	return nginx_errors_quotable(row->code);
}

static const char *nginx_errors_sentence(const struct refusal_row *row)
{
	return nginx_errors_quotable(row->words);
}

static char *
nginx_errors_map(const char *(*value)(const struct refusal_row *row))
{
	struct buf out;

	buf_init(&out, TEXT_MAX);
	buf_addf(&out, "default '%s';\n", value(refusal_row(REFUSAL_INTERNAL)));
	for (size_t i = 0; i < COUNT_OF(ours); i++)
		buf_addf(&out, "\t%d '%s';\n", refusal_row(ours[i])->status,
			 value(refusal_row(ours[i])));
	for (size_t i = 0; i < COUNT_OF(marked); i++) {
		const struct refusal_row *row = refusal_row(marked[i].refusal);

		buf_addf(&out, "\t'%d %s' '%s';\n", row->status, marked[i].mark,
			 value(row));
	}
	return buf_take(&out);
}

char *nginx_errors_codes(void)
{
	return nginx_errors_map(nginx_errors_code);
}

char *nginx_errors_words(void)
{
	return nginx_errors_map(nginx_errors_sentence);
}
