#include "daemon_lines.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "crypt.h"
#include "line_edge.h"
#include "line_tls.h"
#include "log.h"
#include "mem.h"
#include "palabre_options.h"

/* "8,9": descriptors of certificate and key, open for us by who may read them,
 * where we may not. */
#define OPEN_FILES "PALABRE_TLS_FDS"

struct daemon_lines {
	const struct palabre_options *options;
	struct line_tls *tls;	/* NULL: there is no port of it */
	struct line_edge *edge; /* NULL: there is none at all */
};

/* ---- TLS ---- */

static void take_open_files(int fds[2])
{
	const char *text = getenv(OPEN_FILES);
	char *end;

	fds[0] = fds[1] = -1;
	if (text == NULL)
		return;
	fds[0] = (int)strtol(text, &end, 10);
	if (*end == ',')
		fds[1] = (int)strtol(end + 1, NULL, 10);
	unsetenv(OPEN_FILES);
}

static char *start_tls(struct daemon_lines *lines)
{
	int fds[2];

	take_open_files(fds);
	if (lines->options->line_tls[0] == '\0')
		return NULL;
	lines->tls = line_tls_new();
	return line_tls_read_open(lines->tls, lines->options->line_tls, fds);
}

void daemon_lines_reload(struct daemon_lines *lines)
{
	char *error;

	if (lines == NULL || lines->tls == NULL)
		return;
	error = line_tls_read(lines->tls, lines->options->line_tls);
	if (error != NULL)
		log_warning("%s; the certificate is still the one from before",
			    error);
	else
		log_info("the certificate of lines was read again");
	free(error);
}

/* ---- the ports ---- */

static struct line_edge *make_edge(const struct daemon_lines *lines,
				   uv_loop_t *loop, struct hub *hub)
{
	const struct palabre_options *options = lines->options;
	size_t connections = (size_t)options->line_connections;
	const struct line_edge_config config = {
		.hub = hub,
		.api_socket = options->api_socket,
		.auth_socket = options->auth_socket,
		.file_dir = options->file_dir,
		.banner = options->line_banner,
		.server =
			{
				.connections_max = connections,
				.address_max =
					options->address_lines > 0
						? (size_t)options->address_lines
						: (connections + 1) / 2,
				.outbox_max = (size_t)options->outbox_max,
				.halves_max = (size_t)options->unfinished_max,
				.nameless_ms = options->line_name_ms,
				.probe_ms = options->line_probe_ms,
				.tls = lines->tls,
				.tls_rate = options->line_tls_rate,
				.mono_ms = clock_mono_ms,
				.random = crypt_random,
			},
	};

	return line_edge_new(loop, &config);
}

static bool is_loopback(const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

static char *listen_plain(const struct daemon_lines *lines)
{
	const char *address = lines->options->line_address;
	int port = (int)lines->options->line_port;
	char *error;

	if (port == 0)
		return NULL;
	error = line_edge_listen(lines->edge, address, &port);
	if (error == NULL && !is_loopback(address))
		log_warning("lines on %s port %d are plain text: whoever is on "
			    "the way reads them, passwords too",
			    address, port);
	else if (error == NULL)
		log_info("lines on %s port %d", address, port);
	return error;
}

static char *listen_tls(const struct daemon_lines *lines)
{
	const char *address = lines->options->line_tls_address;
	int port = (int)lines->options->line_tls_port;
	char *error;

	if (lines->tls == NULL)
		return NULL;
	error = line_edge_listen_tls(lines->edge, address, &port);
	if (error == NULL)
		log_info("lines over TLS on %s port %d", address, port);
	return error;
}

struct daemon_lines *daemon_lines_new(uv_loop_t *loop, struct hub *hub,
				      const struct palabre_options *options,
				      char **error)
{
	struct daemon_lines *lines = xcalloc(1, sizeof(*lines));

	lines->options = options;
	*error = start_tls(lines);
	if (*error != NULL || (options->line_port == 0 && lines->tls == NULL))
		return lines;
	lines->edge = make_edge(lines, loop, hub);
	*error = listen_plain(lines);
	if (*error == NULL)
		*error = listen_tls(lines);
	return lines;
}

struct line_edge *daemon_lines_edge(const struct daemon_lines *lines)
{
	return lines != NULL ? lines->edge : NULL;
}

void daemon_lines_close(struct daemon_lines *lines)
{
	line_edge_close(daemon_lines_edge(lines));
}

void daemon_lines_free(struct daemon_lines *lines)
{
	if (lines == NULL)
		return;
	line_edge_free(lines->edge);
	line_tls_free(lines->tls);
	free(lines);
}
