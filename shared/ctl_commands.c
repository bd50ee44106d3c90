#include "ctl_commands.h"

#include <string.h>

#include "buf.h"
#include "mem.h"

#define HELP_COLUMN 33
#define HELP_WIDTH 79

const struct ctl_command ctl_commands[] = {
	{"status", "",
	 "how everything is: connections, messages, queues, store, workers. 1: "
	 "a part does not answer or move",
	 CTL_API, 0},
	{"verify", "",
	 "is the store as it should be? Names each conversation that is not",
	 CTL_STORE, CTL_HALF},
	{"backup", "FILE",
	 "a copy of the store, while it is in use; of a MongoDB while "
	 "palabre-api is stopped",
	 CTL_STORE, CTL_ROOT},
	{"restore", "FILE",
	 "back to one, while palabre-api is stopped; in a MongoDB into a "
	 "database with nothing in it",
	 CTL_STORE, CTL_ROOT | CTL_HALF},
	{"copy", "FROM TO",
	 "all of a store into another one, of any kind, while palabre-api "
	 "runs; once more while it is stopped: what changed since, and "
	 "compares "
	 "both",
	 CTL_STORE, CTL_ROOT | CTL_HALF},
	{"import localnetmessage", "MESSAGES.DB [CLIENTS.JSON]",
	 "what was said to the server of localnetmessage, as conversations of "
	 "support; again: what is not there yet",
	 CTL_STORE, CTL_ROOT},
	{"import mevn", "mongodb://HOST/DATABASE|-",
	 "who was in the old MEVN chat and what they wrote to each other; -: "
	 "the address is read from standard input; again: what is not there "
	 "yet",
	 CTL_STORE, 0},
	{"clients", "",
	 "who is here: by what and from where, since when, idle, unread by "
	 "support, bytes that wait, name and status",
	 CTL_STORE, 0},
	{"kick", "NAME", "ends all their sessions; they may sign in again",
	 CTL_STORE, 0},
	{"mute", "NAME TIME",
	 "they write nothing for so long: seconds, or 10m, 2h, 7d; 0: they may "
	 "again",
	 CTL_STORE, 0},
	{"block", "ADDRESS TIME",
	 "nobody comes from there for so long, but operators", CTL_STORE, 0},
	{"unblock", "ADDRESS", "anybody may again", CTL_STORE, 0},
	{"blocks", "", "which addresses are blocked, and until when", CTL_STORE,
	 0},
	{"broadcast", "TEXT [info|warning|error]",
	 "says something to all who are here", CTL_STORE, 0},
	{"chat", "NAME",
	 "talk to those who write to support, as that operator: in a "
	 "terminal, or a line each through pipes; /help there says how",
	 CTL_HERE, 0},
	{"token issue", "NAME",
	 "signs in as them and prints the token; they see it in the list of "
	 "their devices, operators in the audit",
	 CTL_STORE, 0},
	{"token rotate", "",
	 "a new key to sign tokens with; nobody has to sign in again",
	 CTL_STORE, 0},
	{"config", "", "the settings as they are now", CTL_HERE, 0},
	{"completion", "bash|zsh",
	 "what lets that shell complete these commands, for its start-up file",
	 CTL_HERE, 0},
	{"user list", "[TEXT]",
	 "all accounts, or those whose names have that in them: role, state, "
	 "since when, last seen, name",
	 CTL_STORE, 0},
	{"user show", "NAME", "one account, and where it is signed in",
	 CTL_STORE, 0},
	{"user add", "NAME [EMAIL]",
	 "a new account; its password is asked for, or read from standard "
	 "input",
	 CTL_STORE, 0},
	{"user password", "NAME",
	 "another password; signs them out and forgets wrong ones", CTL_STORE,
	 0},
	{"user role", "NAME user|operator", "operators supervise", CTL_STORE,
	 0},
	{"user disable", "NAME", "signs them out and keeps them out", CTL_STORE,
	 0},
	{"user enable", "NAME", "lets them in again", CTL_STORE, 0},
	{"user unlock", "NAME", "forgets wrong passwords", CTL_STORE, 0},
	{"user export", "NAME FILE", "everything of theirs, as a tar archive",
	 CTL_STORE, CTL_ROOT},
	{"user delete", "NAME", "erases them and all that they wrote",
	 CTL_STORE, 0},
	{"stats", "", "what palabre-pushd counts, as JSON", CTL_PUSHD, 0},
	{"metrics", "",
	 "what /api/metrics says; with --json what operators' page shows of it",
	 CTL_API, 0},
	{"ping", "", "whether palabre-pushd answers", CTL_PUSHD, 0},
	{NULL, NULL, NULL, CTL_HERE, 0},
};

/* ---- parsing ---- */

/* How many words name is, if words begin with it, else 0. */
static size_t match_name(const char *name, char **words)
{
	size_t count = 0;

	while (*name != '\0') {
		const char *word = words[count];
		size_t len = strcspn(name, " ");

		if (word == NULL || strlen(word) != len ||
		    strncmp(word, name, len) != 0)
			return 0;
		name += len;
		name += strspn(name, " ");
		count++;
	}
	return count;
}

/* *words moves behind the command's own. NULL: there is none. */
static const struct ctl_command *find_command(char ***words)
{
	const struct ctl_command *command = ctl_commands;

	for (; command->name != NULL; command++) {
		size_t len = match_name(command->name, *words);

		if (len > 0) {
			*words += len;
			return command;
		}
	}
	return NULL;
}

static bool takes_count(const char *arguments, size_t count)
{
	size_t least = 0, most = 0;

	while (*(arguments += strspn(arguments, " ")) != '\0') {
		least += *arguments != '[';
		most++;
		arguments += strcspn(arguments, " ");
	}
	return count >= least && count <= most;
}

/* How many are left. */
static size_t take_json(char **words, bool *json)
{
	size_t kept = 0;

	*json = false;
	for (size_t i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], "--json") == 0)
			*json = true;
		else
			words[kept++] = words[i];
	}
	words[kept] = NULL;
	return kept;
}

static char *say_unknown(char **words)
{
	const char *first = words[0] != NULL ? words[0] : "";
	const struct ctl_command *command = ctl_commands;
	size_t len = strlen(first);

	/* Of a group the second word is what is wrong. */
	while (command->name != NULL &&
	       (len == 0 || strncmp(command->name, first, len) != 0 ||
		command->name[len] != ' '))
		command++;
	if (command->name == NULL || words[1] == NULL)
		return xasprintf("%.80s: no such command; see --help", first);
	return xasprintf("%.80s %.80s: no such command; see --help", first,
			 words[1]);
}

char *ctl_call_read(struct ctl_call *call, char **words)
{
	size_t count = take_json(words, &call->json);

	call->words = words;
	call->command = find_command(&call->words);
	if (call->command == NULL)
		return say_unknown(words);
	count -= (size_t)(call->words - words);
	if (takes_count(call->command->arguments, count))
		return NULL;
	if (*call->command->arguments == '\0')
		return xasprintf("%s: nothing may follow it",
				 call->command->name);
	return xasprintf("this is: palabrectl %s %s", call->command->name,
			 call->command->arguments);
}

/* ---- help ---- */

static void pad_to(struct buf *out, size_t *column, size_t wanted)
{
	for (; *column < wanted; (*column)++)
		buf_add(out, " ", 1);
}

static void next_line(struct buf *out, size_t *column)
{
	buf_adds(out, "\n");
	*column = 0;
}

/* Words in lines of their own column. */
static void add_wrapped(struct buf *out, size_t column, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, " ");

		if (column > HELP_COLUMN && column + 1 + len > HELP_WIDTH)
			next_line(out, &column);
		pad_to(out, &column,
		       column > HELP_COLUMN ? column + 1 : HELP_COLUMN);
		buf_add(out, text, len);
		column += len;
		text += len;
		text += strspn(text, " ");
	}
	next_line(out, &column);
}

void ctl_commands_help(struct buf *out)
{
	const struct ctl_command *command = ctl_commands;

	for (; command->name != NULL; command++) {
		size_t before = out->len;

		buf_addf(out, "  %s%s%s", command->name,
			 *command->arguments != '\0' ? " " : "",
			 command->arguments);
		size_t column = out->len - before;

		if (column + 2 > HELP_COLUMN)
			next_line(out, &column);
		add_wrapped(out, column, command->help);
	}
}
