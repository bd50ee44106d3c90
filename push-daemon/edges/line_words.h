/*
 * line_words - what a line of an old TCP client means. Pure.
 *
 *     __CLIENT_NAME__:Ann              a new name; STATUS and AVATAR likewise
 *     __FILE__|name|mime|size|base64   a file
 *     quit, bye, au revoir, ...        a goodbye, alone on its line
 *     /msg bob hello                   a command, if there is one of that name
 *     anything else                    text
 */
#ifndef LINE_WORDS_H
#define LINE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

enum line_word_kind {
	LINE_WORD_TEXT,
	LINE_WORD_NAME,
	LINE_WORD_STATUS,
	LINE_WORD_AVATAR,
	LINE_WORD_FILE,
	LINE_WORD_BAD_FILE, /* it begins as one, and is none */
	LINE_WORD_GOODBYE,
	LINE_WORD_SLASH, /* a word behind a slash, maybe a command */
};

/* All point into the line, which they cut up. */
struct line_word {
	enum line_word_kind kind;
	char *text; /* the value, or the whole line */

	/* LINE_WORD_FILE. Its size is not what the client says but what the
	 * base64 has; nobody ever looked at the other. */
	char *name, *mime, *base64;

	/* LINE_WORD_SLASH: "msg", and what follows it, "" for nothing. The line
	 * is left whole as text: there are more words than commands. */
	char command[16];
	char *arguments;
};

/* ends_lines: a client that ends its lines also leaves by `salut`, which is a
 * plain hello of the others. */
void line_word_read(char *line, bool ends_lines, struct line_word *word);

#endif
