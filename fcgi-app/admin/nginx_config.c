#include "nginx_config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "mem.h"
#include "nginx_words.h"
#include "palabre_options.h"

#define FILE_MAX (256 * 1024)
#define WORD_MAX 64

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
static char *make_directories(const struct nginx_words *context)
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

static char *render_file(const struct nginx_words *context, const char *name)
{
	const char *templates = nginx_words_templates(context->options);
	char *from = xasprintf("%s/%s.in", templates, name);
	char *to = xasprintf("%s/%s", context->output, name);
	struct buf template, text;

	buf_init(&text, FILE_MAX);
	char *error = read_template(from, &template);

	if (error == NULL) {
		char *wrong = nginx_config_render(
			template.data, nginx_words_look_up, context, &text);
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
static char *check_paths(const struct nginx_words *context)
{
	const struct palabre_options *options = context->options;
	const char *const paths[] = {
		context->output,
		options->dir,
		nginx_words_pages(options),
		options->api_socket,
		options->auth_socket,
		options->push_socket,
		options->log_dir,
		options->tls_certificate,
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

static char *render_all(const struct nginx_words *context)
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
	struct nginx_words context = {.options = options, .output = words[1]};
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
