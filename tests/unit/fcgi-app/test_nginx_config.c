#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "buf.h"
#include "mem.h"
#include "nginx_config.h"
#include "palabre_options.h"

static char *look_up(const char *word, const void *context)
{
	(void)context;
	return strcmp(word, "port") == 0 ? xstrdup("8080") : NULL;
}

static void words_in_braces_are_replaced_and_nginx_braces_are_not(void **s)
{
	(void)s;
	struct buf out;

	buf_init(&out, 1000);
	assert_null(nginx_config_render(
		"server {\n\tlisten {port};\n\tif ($a ~ x{2}) {}\n}{", look_up,
		NULL, &out));
	assert_string_equal(
		out.data, "server {\n\tlisten 8080;\n\tif ($a ~ x{2}) {}\n}{");
	buf_done(&out);
}

static void a_word_without_a_value_is_named(void **state)
{
	(void)state;
	struct buf out;

	buf_init(&out, 1000);
	char *error =
		nginx_config_render("{port}{nobody}", look_up, NULL, &out);

	assert_non_null(strstr(error, "{nobody}"));
	free(error);
	buf_done(&out);
}

static char *read_file(const char *directory, const char *name)
{
	char *path = xasprintf("%s/%s", directory, name);
	char *text = xcalloc(1, 100000);
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	assert_true(fread(text, 1, 99999, file) > 0);
	fclose(file);
	unlink(path);
	free(path);
	return text;
}

static void set(struct palabre_options *options, const char *key,
		const char *value)
{
	assert_null(
		options_set(palabre_option_table, options, key, value, "test"));
}

/* A directory with a page in it, and the settings that name it. */
struct place {
	char directory[32];
	char *page, *output;
	struct palabre_options options;
};

static void set_up(struct place *place)
{
	*place = (struct place){.directory = "/tmp/palabre-conf.XXXXXX"};
	assert_non_null(mkdtemp(place->directory));
	place->page = xasprintf("%s/index.html", place->directory);
	place->output = xasprintf("%s/out", place->directory);

	FILE *page = fopen(place->page, "we");

	assert_non_null(page);
	fclose(page);
	options_init(palabre_option_table, &place->options);
	set(&place->options, "dir", place->directory);
	set(&place->options, "html_dir", "{dir}");
}

static int render(struct place *place)
{
	char *words[] = {(char *)"--output", place->output, NULL};

	options_expand(palabre_option_table, &place->options,
		       place->options.dir);
	return nginx_config_main(&place->options, words);
}

static void tear_down(struct place *place)
{
	static const char *const made[] = {"out", "log", "nginx"};

	for (size_t i = 0; i < COUNT_OF(made); i++) {
		char *path = xasprintf("%s/%s", place->directory, made[i]);

		rmdir(path);
		free(path);
	}
	unlink(place->page);
	assert_int_equal(rmdir(place->directory), 0);
	free(place->page);
	free(place->output);
	palabre_options_done(&place->options);
}

static void every_template_renders_from_the_settings_alone(void **state)
{
	(void)state;
	static const char *const names[] = {"nginx.conf", "server.conf",
					    "api.conf", "socketio.conf",
					    "errors.conf"};
	struct place place;

	set_up(&place);
	set(&place.options, "listen", "127.0.0.1:4242");
	assert_int_equal(render(&place), 0);

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char *text = read_file(place.output, names[i]);
		struct buf again;

		/* No word is left over. */
		buf_init(&again, 100000);
		assert_null(nginx_config_render(text, look_up, NULL, &again));
		assert_string_equal(text, again.data);
		if (strcmp(names[i], "server.conf") == 0)
			assert_non_null(strstr(text, "listen 127.0.0.1:4242;"));
		buf_done(&again);
		free(text);
	}
	tear_down(&place);
}

static void what_nginx_could_not_serve_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *key, *value;
	} cases[] = {
		{"html_dir", "{dir}/nowhere"},
		{"api_socket", "{dir}/a\"b.sock"},
		{"auth_socket", "{dir}/$pid.sock"},
		{"push_socket", "{dir}/a\\b.sock"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct place place;

		set_up(&place);
		set(&place.options, cases[i].key, cases[i].value);
		assert_int_equal(render(&place), 1);
		tear_down(&place);
	}
}

/* What the settings make of a line of server.conf. */
static void server_has(const char *key, const char *value, const char *line)
{
	struct place place;

	set_up(&place);
	set(&place.options, key, value);
	assert_int_equal(render(&place), 0);

	char *text = read_file(place.output, "server.conf");

	if (strstr(text, line) == NULL)
		fail_msg("%s = %s: no \"%s\"", key, value, line);
	free(text);
	static const char *const others[] = {"nginx.conf", "api.conf",
					     "socketio.conf", "errors.conf"};

	for (size_t i = 0; i < COUNT_OF(others); i++)
		free(read_file(place.output, others[i]));
	tear_down(&place);
}

static void a_page_below_a_path_has_lines_of_its_own(void **state)
{
	(void)state;
	server_has("base_path", "/a.b/~c/",
		   "\t'~^/a\\.b/~c(?<palabre_below>/.*)$' $palabre_below;\n");
	server_has("base_path", "/a.b/~c/",
		   "\tlocation = /a.b/~c {\n"
		   "\t\treturn 301 /a.b/~c/$is_args$args;\n"
		   "\t}\n"
		   "\trewrite ^/a\\.b/~c(/(?!palabre-).*)$ $1;\n");
	server_has("base_path", "/a.b/~c/", "\t\treturn 302 /a.b/~c/;\n");
	server_has("base_path", "/", "map $request_uri $palabre_path {\n");
}

static void proxies_in_front_are_believed_one_by_one(void **state)
{
	(void)state;
	server_has("real_ip_from", " 10.0.0.0/8  ::1",
		   "\tset_real_ip_from 10.0.0.0/8;\n"
		   "\tset_real_ip_from ::1;\n"
		   "\treal_ip_header X-Forwarded-For;\n"
		   "\treal_ip_recursive on;\n");
}

static void
a_port_alone_is_that_of_ipv6_too_with_what_stands_behind_it(void **s)
{
	(void)s;
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in6 address = {.sin6_family = AF_INET6,
				       .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	bool has = fd >= 0 &&
		   bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;

	if (fd >= 0)
		close(fd);
	server_has("listen", "443 ssl",
		   has ? "\tlisten 443 ssl;\n\tlisten [::]:443 ssl;\n"
		       : "\tlisten 443 ssl;\n");
	server_has("listen", "443 ssl",
		   "Strict-Transport-Security \"max-age=31536000\" always;");
	server_has("listen", "80", "Strict-Transport-Security \"\" always;");
}

static void four_addresses_leave_most_connections_to_others(void **state)
{
	(void)state;
	struct rlimit limit, few;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	few = limit;
	few.rlim_max = few.rlim_cur = 640;
	server_has("address_requests", "7", "limit_conn palabre_requests 7;");
	server_has("address_polls", "7", "limit_conn palabre_polls 7;");

	pid_t child = fork();

	if (child == 0) {
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
		server_has("address_requests", "0",
			   "limit_conn palabre_requests 40;");
		server_has("address_polls", "0",
			   "limit_conn palabre_polls 128;");
		_exit(0);
	}
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void of_another_nginx_it_is_that_ones_connections(void **state)
{
	(void)state;
	server_has("nginx_connections", "768",
		   "limit_conn palabre_requests 48;");
	server_has("nginx_connections", "768", "limit_conn palabre_polls 153;");
	server_has("nginx_connections", "100000",
		   "limit_conn palabre_requests 1000;");
	server_has("nginx_connections", "4", "limit_conn palabre_polls 1;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			words_in_braces_are_replaced_and_nginx_braces_are_not),
		cmocka_unit_test(a_word_without_a_value_is_named),
		cmocka_unit_test(
			every_template_renders_from_the_settings_alone),
		cmocka_unit_test(what_nginx_could_not_serve_is_refused),
		cmocka_unit_test(a_page_below_a_path_has_lines_of_its_own),
		cmocka_unit_test(proxies_in_front_are_believed_one_by_one),
		cmocka_unit_test(
			a_port_alone_is_that_of_ipv6_too_with_what_stands_behind_it),
		cmocka_unit_test(
			four_addresses_leave_most_connections_to_others),
		cmocka_unit_test(of_another_nginx_it_is_that_ones_connections),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
