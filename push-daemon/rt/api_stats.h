/*
 * api_stats - what api_client counts.
 */
#ifndef API_STATS_H
#define API_STATS_H

#include <stdint.h>

struct api_client_stats {
	uint64_t calls, commands, answers; /* RESULT frames */
	uint64_t lost;			   /* calls */
	uint64_t refused;		   /* commands: the queue was full */
	uint64_t moved;			   /* commands, to another connection */
	uint64_t waiting, in_flight;	   /* commands, now */
	uint64_t connected;		   /* connections, now */
};

#endif
