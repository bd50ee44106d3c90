/*
 * line_config - what the line edge is made with.
 */
#ifndef LINE_CONFIG_H
#define LINE_CONFIG_H

#include <stdbool.h>

#include "line.h"

struct hub;

struct line_edge_config {
	struct hub *hub;
	const char *api_socket, *auth_socket; /* paths, of REST's pools */
	const char *file_dir;
	struct line_server_config server;
	bool banner;
};

#endif
