#include "nginx_config.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "mem.h"
#include "nginx_errors.h"
#include "nginx_locations.h"
#include "nginx_origins.h"
#include "palabre_limits.h"
#include "palabre_options.h"
#include "routes.h"

#define FILE_MAX (256 * 1024)
#define WORD_MAX 64

/* What a connection of a browser costs nginx: itself and the one to pushd.
 * The rest is for files, REST and the pools. */
#define FILES_PER_SOCKET 2
#define FILES_BESIDE 1024

/* Of nginx's connections for one address, where nothing else is set: four such
 * leave most of them to others. A poll that waits takes two. */
#define REQUESTS_SHARE 16
#define REQUESTS_MAX 1000
#define POLLS_SHARE 5

struct context {
	const struct palabre_options *options;
	const char *output; /* absolute */
};

/* What the operator chose, else what is installed, else that of the source
 * tree this was built from. */
static const char *place(const char *chosen, const char *installed,
			 const char *source)
{
	if (chosen[0] != '\0')
		return chosen;
	return access(installed, R_OK) == 0 ? installed : source;
}

static const char *pages(const struct palabre_options *options)
{
	return place(options->html_dir, HTML_INSTALLED, HTML_SOURCE);
}

/* ---- words that are no setting, or not as they are ---- */

static char *html_dir_of(const struct context *context)
{
	return xstrdup(pages(context->options));
}

static char *output_of(const struct context *context)
{
	return xstrdup(context->output);
}

/* Only root may, and then has to, say who the workers are. */
static char *user_line_of(const struct context *context)
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
static char *listen_lines_of(const struct context *context)
{
	const char *where = context->options->listen;
	size_t digits = strspn(where, "0123456789");
	bool port_only = where[digits] == '\0' || where[digits] == ' ';

	if (port_only && has_ipv6())
		return xasprintf("listen %s;\n\tlisten [::]:%s;", where, where);
	return xasprintf("listen %s;", where);
}

static char *tls_lines_of(const struct context *context)
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
static char *transport_of(const struct context *context)
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

static bool has_base(const struct context *context)
{
	return strcmp(context->options->base_path, "/") != 0;
}

/* base_path without its last slash, for a regular expression of nginx. */
static char *base_pattern(const struct palabre_options *options)
{
	struct buf out;

	buf_init(&out, FILE_MAX);
	for (const char *at = options->base_path; at[1] != '\0'; at++)
		buf_addf(&out, *at == '.' ? "\\%c" : "%c", *at);
	return buf_take(&out);
}

/* What was asked for, as if we were at the root. */
static char *request_target_of(const struct context *context)
{
	return xstrdup(has_base(context) ? "$palabre_target" : "$request_uri");
}

static char *base_maps_of(const struct context *context)
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
static char *base_rewrite_of(const struct context *context)
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

static char *real_ip_lines_of(const struct context *context)
{
	const char *at = context->options->real_ip_from;
	struct buf out;

	buf_init(&out, FILE_MAX);
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

static char *open_files_of(const struct context *context)
{
	return xasprintf("%lld", (long long)count_open_files(context->options));
}

static char *address_requests_of(const struct context *context)
{
	int64_t chosen = context->options->address_requests;
	int64_t most = count_open_files(context->options) / REQUESTS_SHARE;

	if (chosen == 0)
		chosen = most < REQUESTS_MAX ? most : REQUESTS_MAX;
	return xasprintf("%lld", (long long)chosen);
}

static char *address_polls_of(const struct context *context)
{
	int64_t chosen = context->options->address_polls;

	if (chosen == 0)
		chosen = count_open_files(context->options) / POLLS_SHARE;
	return xasprintf("%lld", (long long)chosen);
}

static char *route_locations_of(const struct context *context)
{
	struct buf out;

	buf_init(&out, FILE_MAX);
	nginx_locations_write(routes_table, context->options, &out);
	return buf_take(&out);
}

static char *late_reads_of(const struct context *context)
{
	struct buf out;

	(void)context;
	buf_init(&out, FILE_MAX);
	nginx_locations_reads(routes_table, &out);
	return buf_take(&out);
}

static char *body_max_of(const struct context *context)
{
	(void)context;
	return xasprintf("%d", LIMIT_BODY_MOST);
}

static char *packet_max_of(const struct context *context)
{
	(void)context;
	return xasprintf("%d", LIMIT_PACKET);
}

static char *origins_of(const struct context *context)
{
	return nginx_origins(context->options->allowed_origins);
}

static char *error_statuses_of(const struct context *context)
{
	(void)context;
	return nginx_errors_statuses();
}

static char *error_codes_of(const struct context *context)
{
	(void)context;
	return nginx_errors_codes();
}

static char *error_words_of(const struct context *context)
{
	(void)context;
	return nginx_errors_words();
}

static char *look_up(const char *word, const void *context)
{
	static const struct {
		const char *word;
		char *(*value)(const struct context *context);
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
	const struct context *about = context;

	for (size_t i = 0; i < COUNT_OF(derived); i++) {
		if (strcmp(word, derived[i].word) == 0)
			return derived[i].value(about);
	}
	return options_get(palabre_option_table, about->options, word);
}

/* ---- rendering ---- */

/* Length of "{word}" at text, 0 when it is none (nginx has braces, too). */
static size_t word_at(const char *text, char word[WORD_MAX])
{
	size_t len = strspn(text + 1, "abcdefghijklmnopqrstuvwxyz_");

	if (len == 0 || len >= WORD_MAX || text[1 + len] != '}')
		return 0;
	memcpy(word, text + 1, len);
	word[len] = '\0';
	return len + 2;
}

char *nginx_config_render(const char *template,
			  nginx_config_look_up *look_up_word,
			  const void *context, struct buf *out)
{
	while (*template != '\0') {
		size_t plain = strcspn(template, "{");
		char word[WORD_MAX];

		buf_add(out, template, plain);
		template += plain;
		if (*template == '\0')
			break;
		size_t len = word_at(template, word);

		if (len == 0) {
			buf_add(out, template ++, 1);
			continue;
		}
		char *value = look_up_word(word, context);

		if (value == NULL)
			return xasprintf("{%s}: no such setting", word);
		buf_adds(out, value);
		free(value);
		template += len;
	}
	return out->overflow ? xstrdup("it is too long") : NULL;
}

/* ---- files ---- */

static char *read_template(const char *path, struct buf *text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = -1;

	buf_init(text, FILE_MAX);
	if (fd >= 0)
		got = read(fd, buf_room(text, FILE_MAX), FILE_MAX);
	char *error =
		got < 0 ? xasprintf("%s: %s", path, strerror(errno)) : NULL;
	if (got > 0)
		buf_grew(text, (size_t)got);
	else if (error == NULL)
		error = xasprintf("%s: empty", path);
	if (fd >= 0)
		close(fd);
	return error;
}

/* Beside it and renamed: a reload never reads half a file. */
static char *write_file(const char *path, const struct buf *text)
{
	char *temp = xasprintf("%s.new", path);
	int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	char *error = NULL;

	errno = ENOSPC; /* what a short write means, which sets nothing */
	if (fd < 0 || write(fd, text->data, text->len) != (ssize_t)text->len ||
	    rename(temp, path) != 0) {
		error = xasprintf("%s: %s", path, strerror(errno));
		unlink(temp);
	}
	if (fd >= 0)
		close(fd);
	free(temp);
	return error;
}

static char *make_directory(const char *path)
{
	if (mkdir(path, 0750) == 0 || errno == EEXIST)
		return NULL;
	return xasprintf("%s: %s", path, strerror(errno));
}

/* What nginx.conf writes to: nginx makes no parent directories. */
static char *make_directories(const struct context *context)
{
	const struct palabre_options *options = context->options;
	char *own = xasprintf("%s/nginx", options->dir);
	char *error = make_directory(context->output);

	if (error == NULL)
		error = make_directory(options->log_dir);
	/* An nginx that includes server.conf has its own. */
	if (error == NULL && access(options->dir, F_OK) == 0)
		error = make_directory(own);
	free(own);
	return error;
}

static char *render_file(const struct context *context, const char *name)
{
	const char *templates = place(context->options->nginx_dir,
				      NGINX_INSTALLED, NGINX_SOURCE);
	char *from = xasprintf("%s/%s.in", templates, name);
	char *to = xasprintf("%s/%s", context->output, name);
	struct buf template, text;

	buf_init(&text, FILE_MAX);
	char *error = read_template(from, &template);

	if (error == NULL) {
		char *wrong = nginx_config_render(template.data, look_up,
						  context, &text);
		if (wrong != NULL)
			error = xasprintf("%s: %s", from, wrong);
		free(wrong);
	}
	if (error == NULL)
		error = write_file(to, &text);
	buf_done(&template);
	buf_done(&text);
	free(from);
	free(to);
	return error;
}

/* nginx knows no way to write some characters in a path. */
static char *check_paths(const struct context *context)
{
	const struct palabre_options *options = context->options;
	const char *const paths[] = {
		context->output,      options->dir,
		pages(options),	      options->api_socket,
		options->auth_socket, options->push_socket,
		options->log_dir,     options->tls_certificate,
		options->tls_key,
	};

	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		if (strpbrk(paths[i], "\"\\$") != NULL)
			return xasprintf("%s: nginx takes no path with \", "
					 "\\ or $",
					 paths[i]);
	}
	return NULL;
}

/* Without the page nginx would answer everything with 500. Ours is built by
 * ./run before; who names another one may have mistyped it. */
static char *check_pages(const struct palabre_options *options)
{
	char *page = xasprintf("%s/index.html", options->html_dir);
	char *error = NULL;

	if (options->html_dir[0] != '\0' && access(page, R_OK) != 0)
		error = xasprintf("html_dir %s: no index.html there",
				  options->html_dir);
	free(page);
	return error;
}

static char *render_all(const struct context *context)
{
	static const char *const names[] = {
		"nginx.conf",	 "server.conf", "api.conf",
		"socketio.conf", "errors.conf",
	};
	char *error = check_paths(context);

	if (error == NULL)
		error = check_pages(context->options);
	if (error == NULL)
		error = make_directories(context);
	for (size_t i = 0; error == NULL && i < COUNT_OF(names); i++)
		error = render_file(context, names[i]);
	return error;
}

int nginx_config_main(const struct palabre_options *options, char **words)
{
	if (words[0] == NULL || strcmp(words[0], "--output") != 0 ||
	    words[1] == NULL || words[2] != NULL) {
		fputs("Usage: palabre-api nginx-config --output DIR\n", stderr);
		return 1;
	}
	struct context context = {.options = options, .output = words[1]};
	char *error = make_directory(words[1]);
	char *output = error == NULL ? realpath(words[1], NULL) : NULL;

	if (output != NULL) {
		context.output = output;
		error = render_all(&context);
	} else if (error == NULL) {
		error = xasprintf("%s: %s", words[1], strerror(errno));
	}
	if (error != NULL)
		fprintf(stderr, "palabre-api: nginx-config: %s\n", error);
	int status = error == NULL ? 0 : 1;

	free(error);
	free(output);
	return status;
}
