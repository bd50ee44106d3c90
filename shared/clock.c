#include "clock.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define VARIABLE "PALABRE_TEST_CLOCK_OFFSET_MS"
#define DAY_MS (INT64_C(86400) * 1000)
#define DATE_SIZE 11 /* "2026-11-21T" */

static int64_t read_ms(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_offset_parse(const char *text)
{
	char *end;
	long long offset;

	if (text == NULL || *text == '\0')
		return 0;
	offset = strtoll(text, &end, 10);
	return *end == '\0' && llabs(offset) <= CLOCK_OFFSET_MAX_MS ? offset
								    : 0;
}

int64_t clock_now_ms(void)
{
	/* Process-wide on purpose: one process, one time. */
	static bool parsed;
	static int64_t offset;

	if (!parsed) {
		offset = clock_offset_parse(getenv(VARIABLE));
		parsed = true;
	}
	return read_ms(CLOCK_REALTIME) + offset;
}

int64_t clock_mono_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

static char *put_digits(char *at, int number, int width, char behind)
{
	for (int i = width - 1; i >= 0; i--, number /= 10)
		at[i] = (char)('0' + number % 10);
	at[width] = behind;
	return at + width + 1;
}

static void write_date(int64_t day, char out[DATE_SIZE])
{
	time_t seconds = (time_t)(day * (DAY_MS / 1000));
	struct tm tm;

	gmtime_r(&seconds, &tm);
	out = put_digits(out, tm.tm_year + 1900, 4, '-');
	out = put_digits(out, tm.tm_mon + 1, 2, '-');
	put_digits(out, tm.tm_mday, 2, 'T');
}

void clock_iso(int64_t now_ms, char out[CLOCK_ISO_SIZE])
{
	/* One after the other, times are of the same day. */
	static int64_t known = INT64_MIN;
	static char date[DATE_SIZE];
	int64_t day = now_ms / DAY_MS - (now_ms % DAY_MS < 0);
	int ms = (int)(now_ms - day * DAY_MS);

	if (day != known) {
		write_date(day, date);
		known = day;
	}
	memcpy(out, date, DATE_SIZE);
	out = put_digits(out + DATE_SIZE, ms / 3600000, 2, ':');
	out = put_digits(out, ms / 60000 % 60, 2, ':');
	out = put_digits(out, ms / 1000 % 60, 2, '.');
	out = put_digits(out, ms % 1000, 3, 'Z');
	*out = '\0';
}
