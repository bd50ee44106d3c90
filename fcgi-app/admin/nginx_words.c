#include "nginx_words.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buf.h"
#include "mem.h"
#include "nginx_errors.h"
#include "nginx_locations.h"
#include "nginx_origins.h"
#include "palabre_limits.h"
#include "palabre_options.h"
#include "routes.h"

#define TEXT_MAX (256 * 1024)

/* What a connection of a browser costs nginx: itself and the one to pushd.
 * The rest is for files, REST and the pools. */
#define FILES_PER_SOCKET 2
#define FILES_BESIDE 1024

#define CPUS_PER_WORKER 2

/* Of a worker's connections for one address, where nothing else is set: each
 * request or poll takes two at most, itself and the one behind nginx, so one
 * address has half of them, even if one worker has all that is its. */
#define REQUESTS_SHARE 16
#define REQUESTS_MAX 1000
#define POLLS_SHARE 5

/* What the operator chose, else what is installed, else that of the source
 * tree this was built from. */
static const char *place(const char *chosen, const char *installed,
			 const char *source)
{
	if (chosen[0] != '\0')
		return chosen;
	return access(installed, R_OK) == 0 ? installed : source;
}

const char *nginx_words_pages(const struct palabre_options *options)
{
	return place(options->html_dir, HTML_INSTALLED, HTML_SOURCE);
}

const char *nginx_words_templates(const struct palabre_options *options)
{
	return place(options->nginx_dir, NGINX_INSTALLED, NGINX_SOURCE);
}

/* ---- words that are no setting, or not as they are ---- */

static char *html_dir_of(const struct nginx_words *context)
{
	return xstrdup(nginx_words_pages(context->options));
}

static char *output_of(const struct nginx_words *context)
{
	return xstrdup(context->output);
}

/* Only root may, and then has to, say who the workers are. */
static char *user_line_of(const struct nginx_words *context)
{
	const char *user = context->options->nginx_user;

	if (geteuid() != 0)
		return xstrdup("# user: the one who starts nginx");
	return xasprintf("user %s;", user);
}

static bool has_ipv6(void)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6,
				       .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool has = fd >= 0 &&
		   bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;

	if (fd >= 0)
		close(fd);
	return has;
}

/* A port alone means every address, of IPv6 too where there is IPv6: some
 * clients take localhost for ::1. */
static char *listen_lines_of(const struct nginx_words *context)
{
	const char *where = context->options->listen;
	size_t digits = strspn(where, "0123456789");
	bool port_only = where[digits] == '\0' || where[digits] == ' ';

	if (port_only && has_ipv6())
		return xasprintf("listen %s;\n\tlisten [::]:%s;", where, where);
	return xasprintf("listen %s;", where);
}

static char *tls_lines_of(const struct nginx_words *context)
{
	const struct palabre_options *options = context->options;

	if (options->tls_certificate[0] == '\0')
		return xstrdup("# certificate: http {} has one, where listen "
			       "has ssl");
	return xasprintf("ssl_certificate \"%s\";\n"
			 "\tssl_certificate_key \"%s\";\n"
			 "\tssl_protocols TLSv1.2 TLSv1.3;\n"
			 "\tssl_session_cache shared:palabre_tls:10m;\n"
			 "\tssl_session_tickets off;",
			 options->tls_certificate, options->tls_key);
}

/* Who came by TLS once is to come by it always (RFC 6797). */
static char *transport_of(const struct nginx_words *context)
{
	const char *at = context->options->listen;

	while (*(at += strcspn(at, " ")) != '\0') {
		at += strspn(at, " ");
		if (strncmp(at, "ssl", 3) == 0 &&
		    (at[3] == ' ' || at[3] == '\0'))
			return xstrdup("max-age=31536000");
	}
	return xstrdup("");
}

/* ---- base_path ---- */

static bool has_base(const struct nginx_words *context)
{
	return strcmp(context->options->base_path, "/") != 0;
}

/* base_path without its last slash, for a regular expression of nginx. */
static char *base_pattern(const struct palabre_options *options)
{
	struct buf out;

	buf_init(&out, TEXT_MAX);
	for (const char *at = options->base_path; at[1] != '\0'; at++)
		buf_addf(&out, *at == '.' ? "\\%c" : "%c", *at);
	return buf_take(&out);
}

/* What was asked for, as if we were at the root. */
static char *request_target_of(const struct nginx_words *context)
{
	return xstrdup(has_base(context) ? "$palabre_target" : "$request_uri");
}

static char *base_maps_of(const struct nginx_words *context)
{
	if (!has_base(context))
		return xstrdup("");
	char *pattern = base_pattern(context->options);
	char *lines =
		xasprintf("# Below base_path all is as at the root.\n"
			  "map $request_uri $palabre_target {\n"
			  "\tdefault $request_uri;\n"
			  "\t'~^%s(?<palabre_below>/.*)$' $palabre_below;\n"
			  "}\n\n",
			  pattern);

	free(pattern);
	return lines;
}

/* A proxy in front may take base_path away or leave it. What is internal stays
 * so: to nginx whatever is rewritten comes from inside. */
static char *base_rewrite_of(const struct nginx_words *context)
{
	if (!has_base(context))
		return xstrdup("# base_path: none");
	const char *path = context->options->base_path;
	char *pattern = base_pattern(context->options);
	char *lines = xasprintf("location = %.*s {\n"
				"\t\treturn 301 %s$is_args$args;\n"
				"\t}\n"
				"\trewrite ^%s(/(?!palabre-).*)$ $1;",
				(int)strlen(path) - 1, path, path, pattern);

	free(pattern);
	return lines;
}

static char *real_ip_lines_of(const struct nginx_words *context)
{
	const char *at = context->options->real_ip_from;
	struct buf out;

	buf_init(&out, TEXT_MAX);
	buf_adds(&out, "");
	while (*(at += strspn(at, " ")) != '\0') {
		size_t len = strcspn(at, " ");

		buf_addf(&out, "set_real_ip_from %.*s;\n\t", (int)len, at);
		at += len;
	}
	if (out.len > 0)
		buf_adds(&out, "real_ip_header X-Forwarded-For;\n\t"
			       "real_ip_recursive on;");
	return buf_take(&out);
}

static int64_t count_open_files(const struct palabre_options *options)
{
	struct rlimit limit;
	int64_t files =
		FILES_PER_SOCKET * options->max_connections + FILES_BESIDE;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_max != RLIM_INFINITY && (int64_t)limit.rlim_max < files)
		files = (int64_t)limit.rlim_max;
	return files;
}

static char *open_files_of(const struct nginx_words *context)
{
	return xasprintf("%lld", (long long)count_open_files(context->options));
}

/* An nginx that includes server.conf alone has what its own file says. */
static int64_t count_connections(const struct palabre_options *options)
{
	int64_t chosen = options->nginx_connections;

	return chosen != 0 ? chosen : count_open_files(options);
}

static char *worker_connections_of(const struct nginx_words *context)
{
	return xasprintf("%lld",
			 (long long)count_connections(context->options));
}

/* Each lays out room for all connections there may be, half a kilobyte for
 * each, and all of them together have a sixth of the work. */
static char *nginx_workers_of(const struct nginx_words *context)
{
	const char *chosen = context->options->nginx_workers;
	long workers = sysconf(_SC_NPROCESSORS_ONLN) / CPUS_PER_WORKER;

	if (strcmp(chosen, "auto") != 0)
		return xstrdup(chosen);
	return xasprintf("%ld", workers > 1 ? workers : 1);
}

static int64_t share_of_connections(const struct palabre_options *options,
				    int64_t share)
{
	int64_t connections = count_connections(options);

	return connections > share ? connections / share : 1;
}

static char *address_requests_of(const struct nginx_words *context)
{
	int64_t chosen = context->options->address_requests;
	int64_t most = share_of_connections(context->options, REQUESTS_SHARE);

	if (chosen == 0)
		chosen = most < REQUESTS_MAX ? most : REQUESTS_MAX;
	return xasprintf("%lld", (long long)chosen);
}

static char *address_polls_of(const struct nginx_words *context)
{
	int64_t chosen = context->options->address_polls;

	if (chosen == 0)
		chosen = share_of_connections(context->options, POLLS_SHARE);
	return xasprintf("%lld", (long long)chosen);
}

static char *route_locations_of(const struct nginx_words *context)
{
	struct buf out;

	buf_init(&out, TEXT_MAX);
	nginx_locations_write(routes_table, context->options, &out);
	return buf_take(&out);
}

static char *late_reads_of(const struct nginx_words *context)
{
	struct buf out;

	(void)context;
	buf_init(&out, TEXT_MAX);
	nginx_locations_reads(routes_table, &out);
	return buf_take(&out);
}

static char *body_max_of(const struct nginx_words *context)
{
	(void)context;
	return xasprintf("%d", LIMIT_BODY_MOST);
}

static char *packet_max_of(const struct nginx_words *context)
{
	(void)context;
	return xasprintf("%d", LIMIT_PACKET);
}

static char *origins_of(const struct nginx_words *context)
{
	return nginx_origins(context->options->allowed_origins);
}

static char *error_statuses_of(const struct nginx_words *context)
{
	(void)context;
	return nginx_errors_statuses();
}

static char *error_codes_of(const struct nginx_words *context)
{
	(void)context;
	return nginx_errors_codes();
}

static char *error_words_of(const struct nginx_words *context)
{
	(void)context;
	return nginx_errors_words();
}

char *nginx_words_look_up(const char *word, const void *context)
{
	static const struct {
		const char *word;
		char *(*value)(const struct nginx_words *context);
	} derived[] = {
		{"output", output_of},
		{"html_dir", html_dir_of},
		{"user_line", user_line_of},
		{"listen_lines", listen_lines_of},
		{"real_ip_lines", real_ip_lines_of},
		{"base_maps", base_maps_of},
		{"base_rewrite", base_rewrite_of},
		{"request_target", request_target_of},
		{"transport", transport_of},
		{"tls_lines", tls_lines_of},
		{"open_files", open_files_of},
		{"worker_connections", worker_connections_of},
		{"nginx_workers", nginx_workers_of},
		{"address_requests", address_requests_of},
		{"address_polls", address_polls_of},
		{"route_locations", route_locations_of},
		{"late_reads", late_reads_of},
		{"body_max", body_max_of},
		{"packet_max", packet_max_of},
		{"error_statuses", error_statuses_of},
		{"error_codes", error_codes_of},
		{"error_words", error_words_of},
		{"origins", origins_of},
	};
	const struct nginx_words *about = context;

	for (size_t i = 0; i < COUNT_OF(derived); i++) {
		if (strcmp(word, derived[i].word) == 0)
			return derived[i].value(about);
	}
	return options_get(palabre_option_table, about->options, word);
}
