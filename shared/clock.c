#include "clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t read_ms(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_now_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

int64_t clock_mono_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

void clock_iso(int64_t now_ms, char out[CLOCK_ISO_SIZE])
{
	time_t seconds = (time_t)(now_ms / 1000);
	int millis = (int)(now_ms % 1000);
	struct tm tm;

	if (millis < 0) {
		millis += 1000;
		seconds--;
	}
	gmtime_r(&seconds, &tm);
	size_t len = strftime(out, CLOCK_ISO_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + len, CLOCK_ISO_SIZE - len, ".%03dZ", millis);
}
