#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "palabre_options.h"
#include "unix_socket.h"

struct fixture {
	struct palabre_options options;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	options_init(palabre_option_table, &f->options);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	palabre_options_done(&f->options);
	free(f);
	return 0;
}

static void assert_error(char *error, const char *part)
{
	assert_non_null(error);
	assert_non_null(strstr(error, part));
	free(error);
}

static char *read_text(struct fixture *f, const char *text, size_t len)
{
	char path[] = "/tmp/palabre-options-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
	char *error =
		options_read_file(palabre_option_table, &f->options, path);

	unlink(path);
	return error;
}

static void a_later_source_wins_and_dir_is_filled_in(void **state)
{
	struct fixture *f = *state;
	static char *environment[] = {"PALABRE_API_WORKERS=5", "OTHER=1",
				      "PALABRE_NOT_OURS=x", NULL};
	static const char file[] =
		"# a comment\n\n  dir = /srv/chat room \napi_workers=3\n"
		"listen = 127.0.0.1:81\n";

	assert_null(read_text(f, file, strlen(file)));
	assert_null(options_read_environment(palabre_option_table, &f->options,
					     environment));
	assert_null(options_set_pair(palabre_option_table, &f->options,
				     "listen=82", "--set"));
	options_expand(palabre_option_table, &f->options, f->options.dir);
	assert_string_equal(f->options.dir, "/srv/chat room");
	assert_int_equal(f->options.api_workers, 5);
	assert_string_equal(f->options.listen, "82");
	assert_string_equal(f->options.store,
			    "sqlite:/srv/chat room/palabre.db");
	assert_true(f->options.heal);
}

static void a_bad_setting_is_one_line_that_names_it(void **state)
{
	struct fixture *f = *state;
	const struct option_spec *table = palabre_option_table;

	assert_error(options_set(table, &f->options, "colour", "red", "--set"),
		     "--set: unknown key \"colour\"");
	assert_error(options_set(table, &f->options, "api_workers", "0", "f:3"),
		     "f:3: api_workers = 0: expected a number from 1 to 64");
	assert_error(options_set(table, &f->options, "api_workers", "3x", "f"),
		     "expected a number");
	assert_error(options_set(table, &f->options, "heal", "yes", "f"),
		     "expected on or off");
	assert_error(options_set(table, &f->options, "sqlite_sync", "ful", "f"),
		     "expected one of full|normal");
	assert_error(options_set(table, &f->options, "dir", "a\nb", "f"),
		     "control characters");
	assert_error(options_set_pair(table, &f->options, "heal", "--set"),
		     "expected key = value");
	assert_error(options_read_file(table, &f->options, "/nonexistent/f"),
		     "/nonexistent/f");
}

/* As a disk may leave it that lost its power. */
static void a_file_of_no_text_is_refused_with_its_line(void **state)
{
	struct fixture *f = *state;
	char zeroes[600] = "", line[5000];

	assert_error(read_text(f, zeroes, sizeof(zeroes)),
		     ":1: there is a NUL");
	assert_error(read_text(f, "heal = on\nheal = off\0x\n", 22),
		     ":2: there is a NUL");
	memset(line, '#', sizeof(line));
	assert_error(read_text(f, line, sizeof(line)), ":1: the line is too");
	assert_null(read_text(f, "", 0));
}

static void every_setting_can_be_read_back(void **state)
{
	struct fixture *f = *state;

	for (const struct option_spec *spec = palabre_option_table;
	     spec->key != NULL; spec++) {
		char *value = options_get(palabre_option_table, &f->options,
					  spec->key);

		assert_string_equal(value, spec->preset);
		assert_true(strlen(spec->help) > 0);
		free(value);
	}
	assert_null(options_get(palabre_option_table, &f->options, "colour"));
}

static void a_path_too_long_for_a_socket_is_named(void **state)
{
	struct fixture *f = *state;
	char path[UNIX_SOCKET_PATH_MAX + 2];

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	options_set(palabre_option_table, &f->options, "rt_socket", path + 1,
		    "");
	assert_null(palabre_options_check_sockets(&f->options));
	options_set(palabre_option_table, &f->options, "rt_socket", path, "");
	assert_error(palabre_options_check_sockets(&f->options),
		     "is too long for a socket (at most 107 bytes)");
}

static void what_another_process_was_told_is_read_leniently(void **state)
{
	static char *environment[] = {"PALABRE_RT_SOCKET=/rt", NULL};
	static char *arguments[] = {"palabre-pushd",
				    "--set",
				    "colour=red",
				    "--set",
				    "store=sqlite:{dir}/x",
				    "--dir",
				    "/srv",
				    "--api_workers",
				    "none",
				    NULL};
	static char *unreadable[] = {"palabre-pushd", "--config", "/no/such",
				     NULL};
	struct palabre_options options;

	(void)state;
	assert_true(palabre_options_of(&options, arguments, environment));
	assert_string_equal(options.store, "sqlite:/srv/x");
	assert_string_equal(options.rt_socket, "/rt");
	assert_int_equal(options.api_workers, 4);
	palabre_options_done(&options);

	assert_false(palabre_options_of(&options, unreadable, environment));
	palabre_options_done(&options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_path_too_long_for_a_socket_is_named, setup, teardown),
		cmocka_unit_test(
			what_another_process_was_told_is_read_leniently),
		cmocka_unit_test_setup_teardown(
			a_later_source_wins_and_dir_is_filled_in, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_bad_setting_is_one_line_that_names_it, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_file_of_no_text_is_refused_with_its_line, setup,
			teardown),
		cmocka_unit_test_setup_teardown(every_setting_can_be_read_back,
						setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
