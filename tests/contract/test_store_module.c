/* Backends that are shared objects. What one of them does is in the contract's
 * other files (backends.c); here is how they are found and refused. */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypt.h"
#include "mem.h"
#include "store.h"

static char *in_this_directory(const void *settings, const char *key)
{
	(void)settings;
	return strcmp(key, "module_dir") == 0 ? xstrdup(".") : NULL;
}

static char *nowhere(const void *settings, const char *key)
{
	(void)settings;
	return strcmp(key, "module_dir") == 0 ? xstrdup("/nowhere/at/all")
					      : NULL;
}

static struct store *try(const char *uri, store_setting *setting, char **error)
{
	const struct store_config config = {
		.uri = uri,
		.random = crypt_random,
		.setting = setting,
	};

	*error = NULL;
	return store_new(&config, error);
}

static void assert_refused(const char *uri, store_setting *setting,
			   const char *why)
{
	char *error;

	assert_null(try(uri, setting, &error));
	assert_non_null(error);
	if (strstr(error, why) == NULL)
		fail_msg("%s: not '%s'", error, why);
	assert_null(strchr(error, '\n'));
	assert_null(strstr(error, "secret"));
	free(error);
}

static void a_module_is_found_by_the_scheme_of_the_uri(void **state)
{
	char *error;
	struct store *store = try("memory:x", in_this_directory, &error);

	(void)state;
	assert_non_null(store);
	assert_non_null(store->users);
	store_free(store);
	assert_refused("memory:x", nowhere,
		       "there is no /nowhere/at/all/palabre-store-memory.so");
}

static void one_beside_the_program_is_found_without_a_word(void **state)
{
	char *error;
	struct store *store = try("memory:x", NULL, &error);

	(void)state;
	assert_non_null(store);
	store_free(store);
	assert_refused("nothing:x", NULL, "there is no /");
}

static void a_uri_is_shown_without_what_is_secret(void **state)
{
	static const char *const shown[][2] = {
		{"sqlite:/var/lib/x@y.db", "sqlite:/var/lib/x@y.db"},
		{"mongodb://host/db", "mongodb://host/db"},
		{"mongodb://ann:pw@a:1,b:2/db?tls=true&x=pw",
		 "mongodb://...@a:1,b:2/db"},
		{"mongodb+srv://ann:p@w/o?rd@host", "mongodb+srv://...@host"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(shown); i++) {
		char *text = store_uri_shown(shown[i][0]);

		assert_string_equal(text, shown[i][1]);
		free(text);
	}
}

static void a_store_that_is_a_file_has_a_path(void **state)
{
	(void)state;
	assert_string_equal(store_uri_path("sqlite:/var/lib/x.db"),
			    "/var/lib/x.db");
	assert_null(store_uri_path("mongodb://host/db"));
	assert_null(store_uri_path("/var/lib/x.db"));
}

static void what_no_module_speaks_is_refused_without_what_is_secret(void **s)
{
	(void)s;
	assert_refused("memry://ann:secret@host/x", in_this_directory,
		       "no store speaks 'memry:'");
	assert_refused("../memory:secret", in_this_directory, "try sqlite:");
	assert_refused("MEMORY:secret", in_this_directory, "try sqlite:");
	assert_refused("ann:secret@host", in_this_directory,
		       "no store speaks 'ann:'");
}

static void a_module_says_itself_why_it_takes_no_uri(void **state)
{
	(void)state;
	assert_refused("memory:", in_this_directory,
		       "a memory store has a name");
	/* A variant of a scheme is its module's. */
	assert_refused("memory+srv:", in_this_directory,
		       "a memory store has a name");
}

static void a_module_of_another_version_is_refused(void **state)
{
	(void)state;
	assert_refused("stale:x", in_this_directory,
		       "is of another version of Palabre");
}

static void a_file_that_is_no_module_is_refused(void **state)
{
	FILE *file = fopen("palabre-store-noise.so", "w");

	(void)state;
	assert_non_null(file);
	fputs("noise", file);
	fclose(file);
	assert_refused("noise:x", in_this_directory, "cannot load ");
	unlink("palabre-store-noise.so");
}

/* Neither does what it brings along stand in for ours, nor ours for its. */
static void a_module_exports_itself_alone(void **state)
{
	void *module = dlopen("./palabre-store-memory.so", RTLD_NOW);

	(void)state;
	assert_non_null(module);
	assert_non_null(dlsym(module, "palabre_store_backend"));
	assert_null(dlsym(module, "xstrdup"));
	assert_null(dlsym(module, "text_fold"));
	assert_null(dlsym(module, "store_new"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_module_is_found_by_the_scheme_of_the_uri),
		cmocka_unit_test(
			one_beside_the_program_is_found_without_a_word),
		cmocka_unit_test(a_uri_is_shown_without_what_is_secret),
		cmocka_unit_test(a_store_that_is_a_file_has_a_path),
		cmocka_unit_test(
			what_no_module_speaks_is_refused_without_what_is_secret),
		cmocka_unit_test(a_module_says_itself_why_it_takes_no_uri),
		cmocka_unit_test(a_module_of_another_version_is_refused),
		cmocka_unit_test(a_file_that_is_no_module_is_refused),
		cmocka_unit_test(a_module_exports_itself_alone),
	};

	if (!crypt_init())
		return 1;
	return cmocka_run_group_tests_name("modules", tests, NULL, NULL);
}
