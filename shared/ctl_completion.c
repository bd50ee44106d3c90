/* The shells are told the names, the alternatives of arguments and where a
 * file is meant; what stands here by hand is only how each of them asks. */
#include <string.h>

#include "buf.h"
#include "ctl_commands.h"
#include "mem.h"

#define WORDS_MAX 4096

struct shell {
	const char *name;
	const char *before, *after;
	const char *words, *words_end; /* one of these words, between them */
	const char *file;	       /* a file */
};

/* $said becomes what was said before the word at that place: the words of the
 * command, each behind a blank. */
#define SAID(words, at)                                                        \
	"\twhile ((at < " at ")); do\n"                                        \
	"\t\tcase ${" words "[at]} in\n"                                       \
	"\t\t--config | --set) ((at += 1)) ;;\n"                               \
	"\t\t--*) ;;\n"                                                        \
	"\t\t*) said=\"$said ${" words "[at]}\" ;;\n"                          \
	"\t\tesac\n"                                                           \
	"\t\t((at += 1))\n"                                                    \
	"\tdone\n"                                                             \
	"\tcase $before:$word in\n"                                            \
	"\t--config:*) said=' backup' ;;\n"                                    \
	"\t--set:*) return ;;\n"                                               \
	"\t*:-*) said=' --' ;;\n"                                              \
	"\tesac\n"                                                             \
	"\tcase \"$said \" in\n"

static const struct shell shells[] = {
	{
		.name = "bash",
		.before =
			"# palabrectl completion bash\n"
			"_palabrectl() {\n"
			"\tlocal word=${COMP_WORDS[COMP_CWORD]} at=1 said=''\n"
			"\tlocal before=${COMP_WORDS[COMP_CWORD - 1]}\n"
			"\tCOMPREPLY=()\n" SAID("COMP_WORDS", "COMP_CWORD"),
		.words = "mapfile -t COMPREPLY < <(compgen -W '",
		.words_end = "' -- \"$word\")",
		.file = "mapfile -t COMPREPLY < <(compgen -f -- \"$word\")",
		.after = "\tesac\n"
			 "}\n"
			 "complete -o filenames -F _palabrectl palabrectl\n",
	},
	{
		.name = "zsh",
		.before = "#compdef palabrectl\n"
			  "# palabrectl completion zsh\n"
			  "_palabrectl() {\n"
			  "\tlocal word=${words[CURRENT]} at=2 said=''\n"
			  "\tlocal before=${words[CURRENT - 1]}\n" SAID(
				  "words", "CURRENT"),
		.words = "compadd -- ",
		.words_end = "",
		.file = "_files",
		.after = "\tesac\n"
			 "}\n"
			 "if [[ ${funcstack[1]} == _palabrectl ]]; then\n"
			 "\t_palabrectl \"$@\"\n"
			 "else\n"
			 "\tcompdef _palabrectl palabrectl\n"
			 "fi\n",
	},
};

/* ---- the words of a place ---- */

static bool is_said(const struct buf *words, const char *word, size_t len)
{
	const char *at = words->data;

	while (at != NULL && *at != '\0') {
		size_t width = strcspn(at, " ");

		if (width == len && memcmp(at, word, len) == 0)
			return true;
		at += width + (at[width] == ' ');
	}
	return false;
}

static void add_word(struct buf *words, const char *word, size_t len)
{
	if (len == 0 || is_said(words, word, len))
		return;
	if (words->len > 0)
		buf_adds(words, " ");
	buf_add(words, word, len);
}

/* What follows before in names, which ends with a blank or is "". */
static void add_next(struct buf *words, const char *before)
{
	const struct ctl_command *command = ctl_commands;
	size_t len = strlen(before);

	for (; command->name != NULL; command++) {
		const char *next = command->name + len;

		if (strncmp(command->name, before, len) == 0)
			add_word(words, next, strcspn(next, " "));
	}
}

/* ---- the cases ---- */

static void add_choice(struct buf *out, const struct shell *shell,
		       const char *words)
{
	buf_addf(out, "%s%s%s ;;\n", shell->words, words, shell->words_end);
}

static void add_next_case(struct buf *out, const struct shell *shell,
			  const char *before)
{
	struct buf words;

	buf_init(&words, WORDS_MAX);
	add_next(&words, before);
	buf_addf(out, "\t' %s') ", before);
	add_choice(out, shell, words.data);
	buf_done(&words);
}

/* What stands between the name and that argument is anything. */
static void add_place(struct buf *out, const struct ctl_command *command,
		      int place)
{
	buf_addf(out, "\t' %s '", command->name);
	for (int i = 0; i < place; i++)
		buf_adds(out, "*' '");
	buf_adds(out, ") ");
}

/* argument is changed. */
static void add_argument(struct buf *out, const struct shell *shell,
			 const struct ctl_command *command, int place,
			 char *argument)
{
	bool choice = strchr(argument, '|') != NULL;

	argument += *argument == '[';
	argument[strcspn(argument, "]")] = '\0';
	for (char *at = argument; *at != '\0'; at++) {
		if (*at == '|')
			*at = ' ';
	}
	if (choice) {
		add_place(out, command, place);
		add_choice(out, shell, argument);
	} else if (strcmp(argument, "FILE") == 0) {
		add_place(out, command, place);
		buf_addf(out, "%s ;;\n", shell->file);
	}
}

/* The last argument first: the shell takes the first case that fits. */
static void add_arguments(struct buf *out, const struct shell *shell,
			  const struct ctl_command *command,
			  const char *arguments, int place)
{
	size_t len = strcspn(arguments, " ");

	if (len == 0)
		return;
	char *argument = xstrndup(arguments, len);

	arguments += len;
	add_arguments(out, shell, command, arguments + strspn(arguments, " "),
		      place + 1);
	add_argument(out, shell, command, place, argument);
	free(argument);
}

static void add_cases(struct buf *out, const struct shell *shell)
{
	const struct ctl_command *command = ctl_commands;
	struct buf groups;

	buf_init(&groups, WORDS_MAX);
	add_next_case(out, shell, "");
	for (; command->name != NULL; command++) {
		size_t len = strcspn(command->name, " ");
		char *before = xstrndup(command->name, len + 1);

		add_arguments(out, shell, command, command->arguments, 0);
		if (command->name[len] == ' ' &&
		    !is_said(&groups, command->name, len)) {
			add_word(&groups, command->name, len);
			add_next_case(out, shell, before);
		}
		free(before);
	}
	buf_adds(out, "\t' -- ') ");
	add_choice(out, shell,
		   "--config --set --json --check-config --sample-config "
		   "--help --version");
	buf_done(&groups);
}

bool ctl_commands_completion(struct buf *out, const char *name)
{
	for (size_t i = 0; i < COUNT_OF(shells); i++) {
		if (strcmp(shells[i].name, name) != 0)
			continue;
		buf_adds(out, shells[i].before);
		add_cases(out, &shells[i]);
		buf_adds(out, shells[i].after);
		return true;
	}
	return false;
}
