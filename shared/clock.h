/*
 * clock - the two clocks, and times as text.
 *
 * Only edges call clock_now_ms() and clock_mono_ms(); everything below them
 * takes a time as an argument.
 *
 * For tests the environment may say PALABRE_TEST_CLOCK_OFFSET_MS=N: it is N
 * milliseconds later then (or earlier) for clock_now_ms(), which looks once.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_ISO_SIZE 25 /* "2026-11-21T09:30:00.000Z" and its NUL */
#define CLOCK_OFFSET_MAX_MS (INT64_C(100) * 366 * 86400 * 1000)

int64_t clock_now_ms(void);  /* since 1970, UTC; may jump */
int64_t clock_mono_ms(void); /* since some moment; never jumps */
int64_t clock_mono_us(void); /* the same clock */

/* What the variable says; 0 when it is no number, or more than a century. */
int64_t clock_offset_parse(const char *text);

/* ISO 8601 in UTC with milliseconds, years 0000-9999. */
void clock_iso(int64_t now_ms, char out[CLOCK_ISO_SIZE]);

/* The same, read: the milliseconds may be missing, and no other zone is known.
 * False: it is no such time. */
bool clock_iso_parse(const char *text, int64_t *at_ms);

#endif
