#include "admin_stop.h"

#include <signal.h>
#include <stddef.h>

#include "mem.h"

static volatile sig_atomic_t stopped;

static void stop_note(int number)
{
	stopped = number;
}

void admin_stop_listen(void)
{
	static const int fatal[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = stop_note};

	for (size_t i = 0; i < COUNT_OF(fatal); i++)
		sigaction(fatal[i], &action, NULL);
}

bool admin_stop_asked(void)
{
	return stopped != 0;
}
