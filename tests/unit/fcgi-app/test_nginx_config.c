#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
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

static void every_template_renders_from_the_settings_alone(void **state)
{
	(void)state;
	static const char *const names[] = {"nginx.conf", "server.conf",
					    "api.conf", "socketio.conf",
					    "errors.conf"};
	struct palabre_options options = {0};
	char directory[] = "/tmp/palabre-conf.XXXXXX";

	assert_non_null(mkdtemp(directory));
	char *output = xasprintf("%s/out", directory);
	char *words[] = {(char *)"--output", output, NULL};

	options_init(palabre_option_table, &options);
	set(&options, "dir", directory);
	set(&options, "listen", "127.0.0.1:4242");
	options_expand(palabre_option_table, &options, options.dir);
	assert_int_equal(nginx_config_main(&options, words), 0);

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char *text = read_file(output, names[i]);
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
	rmdir(output);
	char *log = xasprintf("%s/log", directory);
	char *nginx = xasprintf("%s/nginx", directory);

	assert_int_equal(rmdir(log), 0);
	assert_int_equal(rmdir(nginx), 0);
	rmdir(directory);
	free(log);
	free(nginx);
	free(output);
	palabre_options_done(&options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			words_in_braces_are_replaced_and_nginx_braces_are_not),
		cmocka_unit_test(a_word_without_a_value_is_named),
		cmocka_unit_test(
			every_template_renders_from_the_settings_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
