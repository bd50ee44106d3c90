/*
 * supervisor - opens the sockets of the three pools, keeps their workers
 * alive, and stops or replaces them without losing a request.
 */
#ifndef SUPERVISOR_H
#define SUPERVISOR_H

struct palabre_options;

struct supervisor_config {
	/* The settings as they are now; NULL: they are wrong, which was
	 * said. */
	struct palabre_options *(*read_options)(void *context);
	void *context;
};

/*
 * Until SIGTERM or SIGINT; answers the exit status. Problems at start have
 * been said in one line. SIGHUP reads the settings again. Takes options: all
 * of them end in palabre_options_done() and free().
 */
int supervisor_run(const struct supervisor_config *config,
		   struct palabre_options *options);

#endif
