/*
 * text - UTF-8 (RFC 3629), strictly; only text*.c know libutf8proc.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No overlong form, no surrogate, nothing above U+10FFFF, no NUL byte. */
bool text_valid(const char *text, size_t len);

/* Any bytes as valid UTF-8: U+FFFD stands for each longest part that cannot be
 * read (Unicode, 3.9), and for NUL. The caller frees it. */
char *text_repair(const char *bytes, size_t len);

/* Code points of valid UTF-8. */
size_t text_length(const char *text);

/* A control character (C0, DEL, C1), a line or paragraph separator, a bidi
 * control or another invisible format character: refused in names. */
bool text_has_control(const char *text);

/* For a terminal or a log: bytes repaired, without what moves the cursor, rings
 * or turns the text around, a line break as a blank. The caller frees it. */
char *text_harmless(const char *text);
/* The same of what vprintf() prints. */
char *text_harmless_print(const char *format, va_list values)
	__attribute__((format(printf, 1, 0)));

/* Anything of Unicode's White_Space or separator categories, and the blank of
 * Braille. */
bool text_has_space(const char *text);

/* NFKC with Unicode case folding (UAX #15, #31), Turkish i without regard to
 * its dot and Greek to its accents: two names that differ by case alone, in any
 * script, fold to the same text. The caller frees it. */
char *text_fold(const char *text);

/* NFKC: what looks the same is the same, however it was typed. The caller frees
 * it. */
char *text_compose(const char *text);

/* NFKC in lower case, letter by letter: what was written stays readable, a
 * German ß or a Turkish ı is still one. The caller frees it. */
char *text_lower(const char *text);

/* As people look for names: folded, without accents, apostrophes and doubled
 * blanks, a letter with a stroke as the plain one. The caller frees it. */
char *text_seek(const char *text);

/* As people look for words in a text: folded and without accents, each behind a
 * blank, and one at the end: " ecole 2 ". A sign of a script that is written
 * without blanks is a word by itself, as is an emoji. The caller frees it. */
char *text_words(const char *text);

/* What a name looks like: two that fold alike, or of which one has letters of
 * another script that are drawn the same, have the same shape. A sign @ before
 * it is none of it. The caller frees it. */
char *text_shape(const char *text);

/* The text without white space at both ends; the caller frees it. */
char *text_trim(const char *text);

/* One emoji, as people see it: a pictograph with its tone, several that are
 * joined, a keycap or a flag (UTS #51, ED-17). */
bool text_is_emoji(const char *text);

/* A code point that Unicode keeps for an emoji to come, or that is one in a
 * newer Unicode than utf8proc's (emoji-data.txt). */
bool text_is_emoji_to_be(int32_t point);

/* Is there anything to be seen: not white space, controls and what no font
 * shows (joiners, fillers, selectors, marks of direction) alone. */
bool text_is_visible(const char *text);

#endif
