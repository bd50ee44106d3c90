/*
 * chat - `palabrectl chat NAME`: an operator at a terminal or a pipe, who sees
 * what people write to support and what other operators answer, and answers.
 *
 *     chat_state.h     what its files know of it
 *     chat_show.c      what is shown
 *     chat_events.c    what happens, and what was missed
 *     chat_commands.c  what is typed: a table
 *     chat.c           the session, and the loop
 */
#ifndef CHAT_H
#define CHAT_H

struct palabre_options;

/* name: an operator. token: a session of theirs, which ends with it. Answers
 * the exit status: 0 left, 1 something was refused or lost, 2 it could not be
 * tried. */
int chat_run(const struct palabre_options *options, const char *name,
	     const char *token);

#endif
