/*
 * admin_stop - what takes long is given up when it is interrupted, and leaves
 * nothing half made.
 */
#ifndef ADMIN_STOP_H
#define ADMIN_STOP_H

#include <stdbool.h>

/* From here on SIGINT, SIGTERM and SIGHUP only ask. */
void admin_stop_listen(void);
bool admin_stop_asked(void);

#endif
