/*
 * handover - one picture to be made small, as it passes the Unix socket of
 * palabre-preview:
 *
 *     worker  -> preview   one byte, with two descriptors (SCM_RIGHTS,
 *                          unix(7)): the picture, to read, and its copy, to
 *                          write; both are files
 *     preview -> worker    "WIDTH HEIGHT\n" of the copy, or "-\n"; then it
 *                          hangs up
 */
#ifndef HANDOVER_H
#define HANDOVER_H

#include <stdbool.h>

/* Both stay the caller's. False: nobody took it. */
bool handover_send(int connection, int picture, int copy);

/* False: no such request; nothing is open then. Else both are the caller's. */
bool handover_receive(int connection, int *picture, int *copy);

#endif
