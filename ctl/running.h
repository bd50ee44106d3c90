/*
 * running - the settings that a ./run was started with and palabre.conf does
 * not have: it leaves them in DIR/run/settings while it runs.
 */
#ifndef RUNNING_H
#define RUNNING_H

/* The arguments with these settings before them, so that any may still be
 * overruled: argv itself when there are none. Never freed. *argc follows. */
char **running_arguments(int *argc, char **argv);

#endif
