#include "palabre_options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"
#include "network.h"
#include "text.h"
#include "unix_socket.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

#define ALNUM "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

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

/* One line, which everybody gets with the form to sign in. */
#define CONTACT_MAX 200

static char *check_contact(const char *text)
{
	if (text_valid(text, strlen(text)) && !text_has_control(text) &&
	    text_length(text) <= CONTACT_MAX)
		return NULL;
	return xasprintf("contact: at most %d characters of UTF-8, in one line",
			 CONTACT_MAX);
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
	if (error == NULL)
		error = check_words("metrics_from", options->metrics_from,
				    network_valid, "network (192.0.2.0/24)");
	if (error == NULL)
		error = check_contact(options->contact);
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
