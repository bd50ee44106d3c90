#include "line_words.h"

#include <stdlib.h>
#include <string.h>

#include "line_parser.h"
#include "mem.h"
#include "text.h"

static const char *const goodbyes[] = {
	"quit",	     "exit",	  "au revoir", "aurevoir", "à plus",
	"a plus",    "bye",	  "ciao",      "tchao",	   "bye bye",
	"à bientôt", "a bientot", "fin",       "adieu",	   "goodbye",
};
#define GOODBYE_MAX 16 /* bytes, with room to spare for any case */

static bool is_goodbye(const char *line, bool ends_lines)
{
	bool found = false;

	if (strlen(line) > GOODBYE_MAX)
		return false;

	char *folded = text_lower(line);

	for (size_t i = 0; i < COUNT_OF(goodbyes) && !found; i++)
		found = strcmp(folded, goodbyes[i]) == 0;
	found = found || (ends_lines && strcmp(folded, "salut") == 0);
	free(folded);
	return found;
}

static bool takes_prefix(char *line, const char *prefix, char **rest)
{
	size_t len = strlen(prefix);

	if (strncmp(line, prefix, len) != 0)
		return false;
	*rest = line + len;
	return true;
}

/* Read from behind: a name may have a `|` in it, the other fields cannot. */
static bool read_file(char *fields, struct line_word *word)
{
	char *at[3]; /* mime, size, base64 */

	for (int i = 2; i >= 0; i--) {
		at[i] = strrchr(fields, '|');
		if (at[i] == NULL)
			return false;
		*at[i]++ = '\0';
	}
	word->name = fields;
	word->mime = at[0];
	word->base64 = at[2];
	return *word->base64 != '\0';
}

/* "/msg bob hello": a word of small letters, and what follows it. */
static bool read_slash(char *line, struct line_word *word)
{
	size_t len;

	if (*line != '/')
		return false;
	len = strspn(line + 1, "abcdefghijklmnopqrstuvwxyz");
	if (len == 0 || len >= sizeof(word->command) ||
	    (line[1 + len] != '\0' && line[1 + len] != ' '))
		return false;
	memcpy(word->command, line + 1, len);
	word->command[len] = '\0';
	word->arguments = line + 1 + len;
	word->arguments += strspn(word->arguments, " ");
	return true;
}

void line_word_read(char *line, bool ends_lines, struct line_word *word)
{
	static const struct {
		const char *prefix;
		enum line_word_kind kind;
	} controls[] = {
		{"__CLIENT_NAME__:", LINE_WORD_NAME},
		{"__CLIENT_STATUS__:", LINE_WORD_STATUS},
		{"__CLIENT_AVATAR__:", LINE_WORD_AVATAR},
	};
	char *rest;

	*word = (struct line_word){.kind = LINE_WORD_TEXT, .text = line};
	for (size_t i = 0; i < COUNT_OF(controls); i++) {
		if (takes_prefix(line, controls[i].prefix, &rest)) {
			word->kind = controls[i].kind;
			word->text = rest + strspn(rest, " ");
			return;
		}
	}
	if (takes_prefix(line, LINE_FILE_MARK, &rest))
		word->kind = read_file(rest, word) ? LINE_WORD_FILE
						   : LINE_WORD_BAD_FILE;
	else if (is_goodbye(line, ends_lines))
		word->kind = LINE_WORD_GOODBYE;
	else if (read_slash(line, word))
		word->kind = LINE_WORD_SLASH;
}
