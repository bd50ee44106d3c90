/*
 * ctl_commands - every command of palabrectl, in one table: the parser, --help,
 * palabrectl(8) and the completion of shells are made of it.
 */
#ifndef CTL_COMMANDS_H
#define CTL_COMMANDS_H

#include <stdbool.h>

struct buf;

enum ctl_place {
	CTL_HERE,  /* by palabrectl itself */
	CTL_PUSHD, /* asked of palabre-pushd */
	CTL_API,   /* asked of palabre-api */
	CTL_STORE, /* done by `palabre-api admin`, beside what serves */
};

enum {
	CTL_ROOT = 1, /* a file of the caller's may be where only root can go */
	CTL_HALF = 2, /* the store may be half a copy (store_copy.h) */
};

struct ctl_command {
	const char *name;      /* one word, or two */
	const char *arguments; /* in capitals, alternatives a|b; [may lack] */
	const char *help;
	enum ctl_place place;
	unsigned flags;
};

/* Ends with a name of NULL. */
extern const struct ctl_command ctl_commands[];

struct ctl_call {
	const struct ctl_command *command;
	char **words; /* its arguments, as many as it takes; end with NULL */
	bool json;    /* --json was among them; it is no more */
};

/* words, which end with NULL, are those behind the settings. NULL, or what is
 * wrong with them: one line, which the caller frees. */
char *ctl_call_read(struct ctl_call *call, char **words);

/* What a shell (bash, zsh) reads to complete them. False: an unknown shell. */
bool ctl_commands_completion(struct buf *out, const char *shell);

/* What --help says of the commands. */
void ctl_commands_help(struct buf *out);

#endif
