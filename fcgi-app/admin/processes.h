/*
 * processes - the processes of this machine that have a program's name and may
 * serve a store: those whose own settings name that store, and those whose
 * settings cannot be read for as long as a second. Not the one that asks.
 */
#ifndef PROCESSES_H
#define PROCESSES_H

#include <stdbool.h>
#include <stddef.h>

struct palabre_options;

struct process {
	int pid; /* 0: nobody knows who there is */
	int parent;
	bool command;	     /* it is palabrectl's, and serves nobody */
	char *notify_socket; /* by its settings; NULL: it cannot be read */
};

struct processes {
	struct process *list;
	size_t count;
};

void processes_find(struct processes *out, const char *name,
		    const struct palabre_options *ours);
/* Those that are commands, which may take as long as a server lives, are left
 * out from here on. */
void processes_leave_commands(struct processes *processes);
/* The one that started the others; NULL: nobody is there, or nobody knows. */
const struct process *processes_leader(const struct processes *processes);
/* How many of them live still. */
size_t processes_left(const struct processes *processes);
void processes_done(struct processes *processes);

#endif
