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

int64_t clock_mono_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* Each number below 100. */
#define TEN(a) a "0" a "1" a "2" a "3" a "4" a "5" a "6" a "7" a "8" a "9"
static const char twos[] = TEN("0") TEN("1") TEN("2") TEN("3") TEN("4") TEN("5")
	TEN("6") TEN("7") TEN("8") TEN("9");

static char *put_two(char *at, unsigned number)
{
	memcpy(at, twos + (size_t)2 * number, 2);
	return at + 2;
}

static void write_date(int64_t day, char out[DATE_SIZE])
{
	time_t seconds = (time_t)(day * (DAY_MS / 1000));
	struct tm tm;

	gmtime_r(&seconds, &tm);

	/* A day that is none may be of another year than any of four digits. */
	unsigned year = (unsigned)(tm.tm_year + 1900) % 10000;

	out = put_two(put_two(out, year / 100), year % 100);
	*out++ = '-';
	out = put_two(out, (unsigned)tm.tm_mon + 1);
	*out++ = '-';
	*put_two(out, (unsigned)tm.tm_mday) = 'T';
}

void clock_iso(int64_t now_ms, char out[CLOCK_ISO_SIZE])
{
	/* One after the other, times are of the same day. */
	static int64_t known = INT64_MIN;
	static char date[DATE_SIZE];
	int64_t day = now_ms / DAY_MS - (now_ms % DAY_MS < 0);
	unsigned ms = (unsigned)(now_ms - day * DAY_MS);
	unsigned minute = ms / 60000, rest = ms % 60000;

	if (day != known) {
		write_date(day, date);
		known = day;
	}
	memcpy(out, date, DATE_SIZE);
	out = put_two(out + DATE_SIZE, minute / 60);
	*out++ = ':';
	out = put_two(out, minute % 60);
	*out++ = ':';
	out = put_two(out, rest / 1000);
	*out++ = '.';
	*out++ = (char)('0' + rest / 100 % 10);
	out = put_two(out, rest % 100);
	*out++ = 'Z';
	*out = '\0';
}

/* Digits where the form has a 0; the rest as it is there. */
static bool has_form(const char *text, const char *form)
{
	for (; *form != '\0'; form++, text++) {
		if (*form == '0' ? *text < '0' || *text > '9' : *text != *form)
			return false;
	}
	return *text == '\0';
}

static int digits(const char *text, int width)
{
	int number = 0;

	for (; width > 0; width--, text++)
		number = 10 * number + (*text - '0');
	return number;
}

bool clock_iso_parse(const char *text, int64_t *at_ms)
{
	bool whole = has_form(text, "0000-00-00T00:00:00Z");
	char again[CLOCK_ISO_SIZE];

	if (!whole && !has_form(text, "0000-00-00T00:00:00.000Z"))
		return false;
	struct tm tm = {
		.tm_year = digits(text, 4) - 1900,
		.tm_mon = digits(text + 5, 2) - 1,
		.tm_mday = digits(text + 8, 2),
		.tm_hour = digits(text + 11, 2),
		.tm_min = digits(text + 14, 2),
		.tm_sec = digits(text + 17, 2),
	};

	*at_ms = (int64_t)timegm(&tm) * 1000;
	/* timegm() takes the 31st of February for a day in March. */
	clock_iso(*at_ms, again);
	if (memcmp(again, text, strlen("0000-00-00T00:00:00")) != 0)
		return false;
	*at_ms += whole ? 0 : digits(text + 20, 3);
	return true;
}
