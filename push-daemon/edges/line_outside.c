#include <stdlib.h>
#include <string.h>

#include "line_person.h"
#include "line_words.h"
#include "mem.h"

#define SIGN_IN "Sign in: /login USER PASSWORD"
#define REFUSED_MS 100 /* until the next thing is refused */

void line_outside_begin(struct line_person *person, const char *why)
{
	char *words;

	person->outside = true;
	if (why != NULL) {
		words = xasprintf("%s " SIGN_IN, why);
		line_tell(person, words);
		line_answer(&person->line);
		free(words);
		/* Once they know it they make room for others. */
		if (STAILQ_EMPTY(&person->sayings))
			line_estrange(&person->line);
	}
	line_keep_busy(&person->line);
}

/* What asks nothing of the workers in somebody's name. */
static bool may_do(const struct line_word *word)
{
	static const char *const commands[] = {"login", "help", "quit"};

	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		if (word->kind == LINE_WORD_SLASH &&
		    strcmp(word->command, commands[i]) == 0)
			return true;
	}
	return word->kind == LINE_WORD_GOODBYE;
}

bool line_outside_refuses(struct line_person *person,
			  const struct line_word *word)
{
	if (may_do(word))
		return false;
	line_tell(person, "Not sent. " SIGN_IN);
	line_ask_finish(person);
	line_ask_wait(person, REFUSED_MS);
	return true;
}
