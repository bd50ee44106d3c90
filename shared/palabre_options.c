#include "palabre_options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"
#include "unix_socket.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

#define ALNUM "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

#define AT(field) offsetof(struct palabre_options, field)
#define TEXT(name, preset, help)                                               \
	{#name, OPTION_TEXT, AT(name), preset, NULL, 0, 0, help}
#define NUMBER(name, preset, min, max, help)                                   \
	{#name, OPTION_NUMBER, AT(name), preset, NULL, min, max, help}
#define SWITCH(name, preset, help)                                             \
	{#name, OPTION_SWITCH, AT(name), preset, NULL, 0, 0, help}
#define CHOICE(name, preset, choices, help)                                    \
	{#name, OPTION_CHOICE, AT(name), preset, choices, 0, 0, help}

const struct option_spec palabre_option_table[] = {
	TEXT(dir, "/var/lib/palabre",
	     "directory of everything Palabre writes, {dir} below; in a file a "
	     "relative one starts where that file lies"),
	TEXT(store, "sqlite:{dir}/palabre.db",
	     "where messages live: sqlite:PATH"),
	CHOICE(sqlite_sync, "full", "full|normal",
	       "full survives power loss; normal is faster"),
	TEXT(module_dir, "",
	     "directory of the modules of other stores; empty: ours"),
	TEXT(key_file, "{dir}/token.key",
	     "keys that sign tokens; made at first start, mode 0600"),
	TEXT(html_dir, "", "directory of the built pages; empty: ours"),
	TEXT(listen, "8080", "nginx listens on this port or address:port"),
	TEXT(server_name, "_", "nginx server_name"),
	TEXT(nginx_workers, "auto", "nginx worker_processes"),
	TEXT(nginx_user, "palabre",
	     "nginx user directive, written only when root renders it"),
	TEXT(nginx_dir, "", "directory of the nginx templates; empty: ours"),
	TEXT(log_dir, "{dir}/log", "where nginx logs"),
	TEXT(tls_certificate, "",
	     "certificate and its chain, in PEM, where listen has ssl; empty: "
	     "nginx has one"),
	TEXT(tls_key, "", "the key of that certificate, in PEM"),
	TEXT(base_path, "/",
	     "path of the page, with API and sockets below it, where they are "
	     "not alone on their host: /chat/"),
	TEXT(real_ip_from, "",
	     "addresses or networks of proxies in front, space separated, "
	     "whose X-Forwarded-For is believed"),
	NUMBER(address_requests, "0", 0, 1000000,
	       "requests of an address at once, an IPv6 /64 being one, waiting "
	       "polls and upgraded sockets aside. 0: a sixteenth of nginx's "
	       "connections, 1000 at most"),
	NUMBER(address_polls, "0", 0, 1000000,
	       "polls of an address that wait at once. 0: a fifth of nginx's "
	       "connections"),
	NUMBER(auth_rate, "10", 1, 100000,
	       "sign-in requests per second and address"),
	NUMBER(auth_burst, "40", 1, 100000,
	       "sign-in requests an address may send at once"),
	NUMBER(register_rate, "60", 1, 100000,
	       "registrations per minute and address"),
	NUMBER(register_burst, "100", 1, 100000,
	       "registrations an address may send at once"),
	TEXT(api_socket, "{dir}/run/api.sock", "FastCGI socket of the API"),
	TEXT(auth_socket, "{dir}/run/auth.sock",
	     "FastCGI socket for password hashing"),
	TEXT(rt_socket, "{dir}/run/rt.sock",
	     "FastCGI socket for palabre-pushd alone"),
	TEXT(push_socket, "{dir}/run/push.sock",
	     "HTTP socket of palabre-pushd, for nginx"),
	TEXT(notify_socket, "{dir}/run/notify.sock",
	     "where workers tell palabre-pushd what happened"),
	TEXT(ctl_socket, "{dir}/run/ctl.sock", "where palabrectl asks"),
	TEXT(preview_socket, "{dir}/run/preview.sock",
	     "where workers have small copies of pictures made"),
	SWITCH(preview, "on",
	       "make small copies of pictures, where palabre-preview is "
	       "installed"),
	TEXT(file_dir, "{dir}/files",
	     "uploaded files; nginx reads them, so its group has to"),
	NUMBER(api_workers, "4", 1, 64, "processes for the REST API"),
	NUMBER(auth_workers, "2", 1, 16, "processes for password hashing"),
	NUMBER(rt_workers, "2", 1, 16, "processes for palabre-pushd"),
	NUMBER(group_max, "1000", 2, 1000, "members a group may have"),
	NUMBER(file_quota, "524288000", 0, 1099511627776,
	       "bytes of files a user may have"),
	NUMBER(token_days, "7", 1, 365, "days until an unused token expires"),
	CHOICE(registration, "open", "open|closed",
	       "closed: accounts are made by palabrectl alone"),
	SWITCH(guests, "on", "people may come with a name and no account"),
	SWITCH(guest_direct, "off",
	       "guests and users may find and write to each other"),
	SWITCH(lobby, "off", "a conversation of everyone who is here"),
	NUMBER(password_min, "8", 1, 128,
	       "characters a new password has at least"),
	NUMBER(login_failures, "5", 1, 1000,
	       "wrong passwords until a name is locked"),
	NUMBER(login_lock_ms, "1000", 1, 86400000,
	       "milliseconds of the first lock; each further one is twice as "
	       "long"),
	NUMBER(login_lock_max_ms, "900000", 1, 86400000,
	       "milliseconds of the longest lock"),
	TEXT(allowed_origins, "",
	     "origins of foreign pages, space separated, maybe null or "
	     "file://; empty: our own host"),
	NUMBER(ping_interval_ms, "25000", 100, 600000,
	       "Engine.IO ping interval in milliseconds"),
	NUMBER(ping_timeout_ms, "20000", 100, 600000,
	       "Engine.IO ping time-out in milliseconds"),
	NUMBER(connect_timeout_ms, "10000", 100, 600000,
	       "milliseconds a socket may take to sign in"),
	NUMBER(packet_timeout_ms, "20000", 100, 600000,
	       "milliseconds from the first byte of what a socket sends to the "
	       "last"),
	NUMBER(unfinished_max, "67108864", 1048576, 4294967295,
	       "bytes of what sockets have sent in part, of all together"),
	NUMBER(outbox_max, "262144", 16384, 67108864,
	       "bytes a slow socket may leave unread before it is closed"),
	NUMBER(max_connections, "16000", 16, 1000000,
	       "sockets that palabre-pushd accepts"),
	NUMBER(address_strangers, "0", 0, 1000000,
	       "sockets of one address that have not signed in, an IPv6 /64 "
	       "being one; past it the oldest is closed. 0: two fifths of "
	       "max_connections"),
	NUMBER(user_sockets, "100", 1, 1000000,
	       "sockets a user may have; one more is refused"),
	NUMBER(presence_grace_ms, "8000", 0, 600000,
	       "milliseconds after the last socket until a user is offline"),
	NUMBER(presence_broadcast_max, "200", 0, 100000,
	       "up to so many users online everyone hears of everyone"),
	NUMBER(typing_stop_ms, "3000", 100, 60000,
	       "milliseconds without typing until it is said to have stopped"),
	NUMBER(hole_ms, "200", 10, 60000,
	       "milliseconds a missing message may be late before it is asked "
	       "for"),
	NUMBER(socket_rate, "20", 1, 100000,
	       "events per second a socket may send"),
	NUMBER(socket_burst, "100", 1, 100000,
	       "events a socket may send at once"),
	NUMBER(line_port, "0", 0, 65535,
	       "port of the old line protocol (12345 was usual); 0: none"),
	TEXT(line_address, "127.0.0.1",
	     "address of that port; lines are plain text, so any other lets "
	     "the network on the way read them"),
	SWITCH(line_banner, "on",
	       "line clients are told the server's name, status and avatar"),
	NUMBER(line_connections, "2000", 1, 100000,
	       "lines that palabre-pushd accepts; past it the oldest without a "
	       "name is closed"),
	NUMBER(address_lines, "0", 0, 100000,
	       "lines of one address, an IPv6 /64 being one. 0: half of "
	       "line_connections"),
	NUMBER(line_name_ms, "600000", 1000, 86400000,
	       "milliseconds a line may be silent before it gives a name"),
	NUMBER(line_probe_ms, "3000", 100, 60000,
	       "milliseconds without a word after which a line is sent an "
	       "empty one, so that one that was left is noticed"),
	NUMBER(write_rate, "20", 1, 100000,
	       "writes per second of a user, over REST and sockets together"),
	NUMBER(write_burst, "100", 1, 100000, "writes of a user at once"),
	SWITCH(heal, "on",
	       "ask the store for events that may have been missed"),
	CHOICE(log_level, "info", "error|warning|info|debug",
	       "how much is logged"),
	CHOICE(log_format, "text", "text|json", "one line of either per event"),
	NUMBER(log_max, "67108864", 0, 1000000000000,
	       "./run: bytes of a log until it is renamed to .1, and that to "
	       ".2, up to .4; 0: never"),
	{.key = NULL},
};

/* What the arguments asked for besides settings. */
struct request {
	const char *config;
	bool help, version, check, sample;
};

/* --config, --set, or --KEY of a setting. */
static bool takes_value(const char *flag)
{
	return strcmp(flag, "--config") == 0 || strcmp(flag, "--set") == 0 ||
	       options_known(palabre_option_table, flag + 2);
}

/* --config and the plain flags; settings are passed over here, because the
 * file they override has to be read first. NULL or an error. */
static char *read_flags(struct request *request, int argc, char **argv,
			int *rest)
{
	const struct {
		const char *name;
		bool *flag;
	} flags[] = {
		{"--help", &request->help},
		{"--version", &request->version},
		{"--check-config", &request->check},
		{"--sample-config", &request->sample},
	};
	int at = 1;

	while (at < argc && strncmp(argv[at], "--", 2) == 0) {
		size_t f = 0;

		while (f < COUNT_OF(flags) &&
		       strcmp(argv[at], flags[f].name) != 0)
			f++;
		if (f < COUNT_OF(flags)) {
			*flags[f].flag = true;
			at++;
			continue;
		}
		if (!takes_value(argv[at]))
			return xasprintf("%.80s: unknown flag; see --help",
					 argv[at]);
		if (at + 1 >= argc)
			return xasprintf("%.80s: a value is missing", argv[at]);
		if (strcmp(argv[at], "--config") == 0)
			request->config = argv[at + 1];
		at += 2;
	}
	*rest = at;
	return NULL;
}

static char *palabre_read_settings(struct palabre_options *options, int end,
				   char **argv)
{
	char *error = NULL;

	for (int at = 1; error == NULL && at + 1 < end; at++) {
		if (strcmp(argv[at], "--set") == 0)
			error = options_set_pair(palabre_option_table, options,
						 argv[++at], "--set");
		else if (strcmp(argv[at], "--config") == 0)
			at++;
		else if (strcmp(argv[at], "--check-config") != 0) {
			error = options_set(palabre_option_table, options,
					    argv[at] + 2, argv[at + 1],
					    "command line");
			at++;
		}
	}
	return error;
}

static bool is_word(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && strncmp(text, word, len) == 0;
}

/* As browsers say it: scheme://host or scheme://host:port, in ASCII; of pages
 * without a host `null` or file://. */
static bool is_origin(const char *text, size_t len)
{
	size_t scheme = strspn(text, ALNUM "+-.");
	size_t host = scheme + 3;

	return is_word(text, len, "null") || is_word(text, len, "file://") ||
	       (scheme > 0 && host < len &&
		strncmp(text + scheme, "://", 3) == 0 &&
		host + strspn(text + host, ALNUM "-._:[]") == len);
}

/* What addresses there are nginx knows; it is told nothing that could be
 * another directive. */
static bool is_network(const char *text, size_t len)
{
	return strspn(text, "0123456789abcdefABCDEF.:/") >= len;
}

/* NULL or an error. */
static char *check_words(const char *key, const char *at,
			 bool (*is_good)(const char *text, size_t len),
			 const char *wanted)
{
	while (*(at += strspn(at, " ")) != '\0') {
		size_t len = strcspn(at, " ");

		if (!is_good(at, len))
			return xasprintf("%s: %.*s is no %s", key,
					 len < 80 ? (int)len : 80, at, wanted);
		at += len;
	}
	return NULL;
}

/* Whole segments, none of which is a place of ours at the root. */
static bool is_base(const char *text)
{
	static const char *const ours[] = {"/api/", "/assets/", "/socket.io/",
					   "/palabre-"};
	const char *at = text;

	for (size_t i = 0; i < COUNT_OF(ours); i++) {
		if (strncmp(text, ours[i], strlen(ours[i])) == 0)
			return false;
	}
	while (*at == '/' && at[1] != '/' && at[1] != '.')
		at += 1 + strspn(at + 1, ALNUM "-._~");
	return at > text && at[-1] == '/' && *at == '\0';
}

static char *check_values(const struct palabre_options *options)
{
	char *error = is_base(options->base_path)
			      ? NULL
			      : xasprintf("base_path: %.80s is no path of "
					  "directories (/chat/)",
					  options->base_path);

	if (error == NULL)
		error = check_words("allowed_origins", options->allowed_origins,
				    is_origin, "origin (https://chat.example)");

	if (error == NULL)
		error = check_words("real_ip_from", options->real_ip_from,
				    is_network, "network (192.0.2.0/24)");
	return error;
}

static bool is_socket(const struct option_spec *spec)
{
	static const char suffix[] = "_socket";
	size_t len = strlen(spec->key), end = sizeof(suffix) - 1;

	return len > end && strcmp(spec->key + len - end, suffix) == 0;
}

char *palabre_options_check_sockets(const struct palabre_options *options)
{
	char *error = NULL;

	for (const struct option_spec *spec = palabre_option_table;
	     error == NULL && spec->key != NULL; spec++) {
		if (!is_socket(spec))
			continue;
		char *path =
			options_get(palabre_option_table, options, spec->key);

		if (strlen(path) > UNIX_SOCKET_PATH_MAX)
			error = xasprintf("%s: %s is too long for a socket (at "
					  "most %d bytes)",
					  spec->key, path,
					  UNIX_SOCKET_PATH_MAX);
		free(path);
	}
	return error;
}

/* A file that says `dir = .` means where it lies, so that the directory may be
 * moved or copied with it. */
static void settle_dir(struct palabre_options *options, const char *file)
{
	const char *slash = strrchr(file, '/');
	char *base = slash == NULL ? xstrdup(".")
				   : xstrndup(file, (size_t)(slash - file) + 1);
	char *path = xasprintf("%s/%s", base, options->dir);
	char *whole = *options->dir != '/' ? realpath(path, NULL) : NULL;

	if (whole != NULL) {
		free(options->dir);
		options->dir = whole;
	}
	free(path);
	free(base);
}

/* Where nobody names one, that of an installed Palabre, if there is one. */
static const char *config_file(const char *named)
{
	if (named == NULL && access(CONFIG_INSTALLED, F_OK) == 0)
		return CONFIG_INSTALLED;
	return named;
}

static char *read_sources(struct palabre_options *options,
			  const struct request *request, int end, char **argv)
{
	char *error = NULL;

	const char *file = config_file(request->config);

	if (file != NULL)
		error = options_read_file(palabre_option_table, options, file);
	if (error == NULL && file != NULL)
		settle_dir(options, file);
	if (error == NULL)
		error = options_read_environment(palabre_option_table, options,
						 environ);
	if (error == NULL)
		error = palabre_read_settings(options, end, argv);
	if (error != NULL)
		return error;
	options_expand(palabre_option_table, options, options->dir);
	return check_values(options);
}

static int palabre_options_say(const struct request *request, const char *usage)
{
	if (request->help) {
		printf("%s\n\nSettings (--set key=value, or in the file given "
		       "with --config):\n",
		       usage);
		options_print_help(palabre_option_table, stdout);
	} else if (request->version) {
		puts(PACKAGE_VERSION);
	} else if (request->sample) {
		options_print_sample(palabre_option_table, stdout);
	} else {
		return -1;
	}
	return 0;
}

int palabre_options_read(struct palabre_options *options, const char *usage,
			 int argc, char **argv, int *rest)
{
	struct request request = {0};

	memset(options, 0, sizeof(*options));
	options_init(palabre_option_table, options);

	char *error = read_flags(&request, argc, argv, rest);

	if (error == NULL) {
		int status = palabre_options_say(&request, usage);

		if (status >= 0)
			return status;
		error = read_sources(options, &request, *rest, argv);
	}
	if (error == NULL && request.check)
		error = palabre_options_check_sockets(options);
	if (error != NULL) {
		fprintf(stderr, "palabre: %s\n", error);
		free(error);
		return 1;
	}
	if (request.check) {
		puts("The configuration is valid.");
		return 0;
	}
	return -1;
}

/* ---- of another process ---- */

/* What this program does not know, it passes over. */
static void take_pair(struct palabre_options *options, const char *pair)
{
	free(options_set_pair(palabre_option_table, options, pair, ""));
}

static bool take_file(struct palabre_options *options, const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;

	if (file == NULL)
		return false;
	while (getline(&line, &room, file) >= 0)
		take_pair(options, line);
	free(line);
	fclose(file);
	settle_dir(options, path);
	return true;
}

bool palabre_options_of(struct palabre_options *options, char **argv,
			char *const *environment)
{
	bool whole = true;

	memset(options, 0, sizeof(*options));
	options_init(palabre_option_table, options);
	const char *file = NULL;

	for (char **at = argv; at[0] != NULL && at[1] != NULL; at++) {
		if (strcmp(at[0], "--config") == 0)
			file = at[1];
	}
	file = config_file(file);
	if (file != NULL)
		whole = take_file(options, file);
	free(options_read_environment(palabre_option_table, options,
				      environment));
	for (char **at = argv; at[0] != NULL && at[1] != NULL; at++) {
		if (strcmp(at[0], "--set") == 0)
			take_pair(options, at[1]);
		else if (takes_value(at[0]))
			free(options_set(palabre_option_table, options,
					 at[0] + 2, at[1], ""));
		else
			continue;
		whole = whole || strcmp(at[0], "--dir") == 0 ||
			strncmp(at[1], "dir=", 4) == 0;
		at++;
	}
	options_expand(palabre_option_table, options, options->dir);
	return whole;
}

void palabre_options_done(struct palabre_options *options)
{
	options_done(palabre_option_table, options);
}
