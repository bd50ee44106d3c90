#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include "file_type.h"
#include "mem.h"
#include "upload.h"

#define PNG(rest)                                                              \
	"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x40\0\0\0\x20\x08\2\0\0\0CRCC"  \
	"\0\0\0\1IDATxCRCC" rest
#define PNG_END "\0\0\0\0IEND\xae\x42\x60\x82"

struct place {
	char root[64], dir[80];
};

static int make_place(void **state)
{
	struct place *place = xcalloc(1, sizeof(*place));

	snprintf(place->root, sizeof(place->root),
		 "/tmp/palabre-upload.XXXXXX");
	if (!crypt_init() || mkdtemp(place->root) == NULL)
		return -1;
	snprintf(place->dir, sizeof(place->dir), "%s/files", place->root);
	*state = place;
	return 0;
}

static int remove_place(void **state)
{
	struct place *place = *state;
	char *command = xasprintf("rm -rf '%s'", place->root);
	int status = system(command);

	free(command);
	free(place);
	return status;
}

/* Entries of a folder of the place. */
static int count_in(const struct place *place, const char *folder)
{
	char *path = xasprintf("%s/%s", place->dir, folder);
	DIR *dir = opendir(path);
	int count = 0;

	while (dir != NULL) {
		const struct dirent *entry = readdir(dir);

		if (entry == NULL)
			break;
		count += entry->d_name[0] != '.';
	}
	if (dir != NULL)
		closedir(dir);
	free(path);
	return count;
}

static enum upload_status keep(const struct place *place, const char *bytes,
			       size_t len, struct upload_facts *facts)
{
	enum upload_status status = UPLOAD_OK;
	struct upload *upload = upload_new(place->dir, 1000, &status);

	if (upload != NULL)
		status = upload_write(upload, bytes, len);
	if (status == UPLOAD_OK)
		status = upload_look(upload, facts);
	if (status == UPLOAD_OK)
		status = upload_keep(upload, facts->hash);
	upload_free(upload);
	return status;
}

static void assert_holds(const struct place *place,
			 const struct upload_facts *facts, const char *bytes,
			 size_t len)
{
	char path[FILE_PLACE_MAX], got[1000];

	assert_true(file_place(place->dir, facts->hash, false, path));

	FILE *file = fopen(path, "r");

	assert_non_null(file);
	assert_int_equal(fread(got, 1, sizeof(got), file), len);
	assert_memory_equal(got, bytes, len);
	fclose(file);
	assert_int_equal(facts->size, len);
}

static void what_is_kept_is_there_under_its_hash(void **state)
{
	struct upload_facts facts = {.size = 0};

	assert_int_equal(keep(*state, "hello", 5, &facts), UPLOAD_OK);
	assert_string_equal(facts.hash, "2cf24dba5fb0a30e26e83b2ac5b9e29e"
					"1b161e5c1fa7425e73043362938b9824");
	assert_string_equal(facts.mime, "text/plain");
	assert_holds(*state, &facts, "hello", 5);
	assert_int_equal(count_in(*state, "tmp"), 0);
}

static void equal_bytes_are_there_once(void **state)
{
	struct upload_facts one, other;

	assert_int_equal(keep(*state, "the same", 8, &one), UPLOAD_OK);
	assert_int_equal(keep(*state, "the same", 8, &other), UPLOAD_OK);
	assert_string_equal(one.hash, other.hash);
	assert_int_equal(
		count_in(*state, (char[]){one.hash[0], one.hash[1], 0}), 1);
}

static void assert_kept_clean(const struct place *place, const char *bytes,
			      size_t len)
{
	static const char clean[] = PNG(PNG_END);
	struct upload_facts facts = {.size = 0};

	assert_int_equal(keep(place, bytes, len, &facts), UPLOAD_OK);
	assert_string_equal(facts.mime, "image/png");
	assert_int_equal(facts.width, 64);
	assert_int_equal(facts.height, 32);
	assert_holds(place, &facts, clean, sizeof(clean) - 1);
	assert_int_equal(count_in(place, "tmp"), 0);
}

static void a_picture_is_kept_without_its_metadata(void **state)
{
	static const char whole[] = PNG("\0\0\0\1tEXtxCRCC" PNG_END);

	assert_kept_clean(*state, whole, sizeof(whole) - 1);
}

static void a_cut_picture_is_kept_without_its_metadata_too(void **state)
{
	static const char cut[] = PNG("\0\0\0\6eXIfsecretCRCC\0\0\0\0IE");

	assert_kept_clean(*state, cut, sizeof(cut) - 1);
}

static void what_begins_as_a_picture_and_is_none_is_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} rows[] = {
		{"\xff\xd8\xff\xe1\0\x0e"
		 "Exif\0\0secret",
		 18},
		{"\x89PNG\r\n\x1a\n\0\0\0\6eXIfsecretCRCC", 26},
		{"GIF89a\1\0\1\0\0\0\0\x21\xfe\6secret", 22},
		{"RIFF\x12\0\0\0WEBPEXIF\6\0\0\0secret", 26},
		{"GIF89a", 6}, /* libmagic's word alone */
	};
	struct upload_facts facts = {.size = 0};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(
			keep(*state, rows[i].bytes, rows[i].len, &facts),
			UPLOAD_DAMAGED);
	assert_int_equal(count_in(*state, "tmp"), 0);
}

static void what_is_given_up_leaves_nothing(void **state)
{
	const struct place *place = *state;
	struct upload_facts facts = {.size = 0};
	enum upload_status status;
	struct upload *upload = upload_new(place->dir, 1000, &status);

	assert_int_equal(upload_write(upload, "half", 4), UPLOAD_OK);
	assert_int_equal(count_in(place, "tmp"), 1);
	upload_free(upload);
	assert_int_equal(count_in(place, "tmp"), 0);
	assert_int_equal(keep(place, "", 0, &facts), UPLOAD_EMPTY);
	assert_int_equal(count_in(place, "tmp"), 0);
}

static void more_than_was_allowed_is_refused_before_it_is_written(void **state)
{
	static const char long_text[1001];
	struct upload_facts facts = {.size = 0};

	assert_int_equal(keep(*state, long_text, 1001, &facts),
			 UPLOAD_TOO_LARGE);
	assert_int_equal(keep(*state, long_text, 1000, &facts), UPLOAD_OK);
}

static void a_full_disk_is_told_as_such(void **state)
{
	const struct rlimit few = {100, RLIM_INFINITY};
	const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
	static const char text[500];
	struct upload_facts facts = {.size = 0};

	signal(SIGXFSZ, SIG_IGN); /* EFBIG, as of a file system's own limit */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &few), 0);

	enum upload_status status = keep(*state, text, sizeof(text), &facts);

	setrlimit(RLIMIT_FSIZE, &all);
	assert_int_equal(status, UPLOAD_NO_SPACE);
	assert_int_equal(count_in(*state, "tmp"), 0);
}

static void
a_sweep_takes_what_a_dead_process_left_and_nothing_else(void **state)
{
	const struct place *place = *state;
	enum upload_status status;
	struct upload *living = upload_new(place->dir, 1000, &status);
	pid_t child = fork();
	int ended;

	if (child == 0) {
		struct upload *dying = upload_new(place->dir, 1000, &status);

		_exit(dying == NULL ||
		      upload_write(dying, "half", 4) != UPLOAD_OK);
	}
	assert_int_equal(waitpid(child, &ended, 0), child);
	assert_int_equal(ended, 0);
	assert_int_equal(count_in(place, "tmp"), 2);
	file_place_sweep_tmp(place->dir);
	assert_int_equal(count_in(place, "tmp"), 1);
	assert_int_equal(upload_write(living, "x", 1), UPLOAD_OK);
	upload_free(living);
}

static void kinds_are_seen_whatever_they_say(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *mime, *sent;
	} rows[] = {
		{"%PDF-1.4\n1 0 obj", 16, "application/pdf",
		 "application/octet-stream"},
		{"<!DOCTYPE html><html><script>", 29, "text/html",
		 "application/octet-stream"},
		{"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", 41,
		 "image/svg+xml", "application/octet-stream"},
		{"OggS\0\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\x13OpusHea"
		 "d"
		 "\1\2",
		 38, "audio/ogg", "audio/ogg"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char mime[128];

		file_type_of(rows[i].bytes, rows[i].len, mime, sizeof(mime));
		assert_string_equal(mime, rows[i].mime);
		assert_string_equal(file_type_sent(rows[i].mime), rows[i].sent);
		assert_false(file_type_is_shown(rows[i].mime));
	}
	assert_true(file_type_is_shown("image/webp"));
	assert_false(file_type_is_shown("video/mp4"));
}

static void sound_and_film_have_a_duration(void **state)
{
	(void)state;
	assert_true(file_type_is_played("audio/x-wav"));
	assert_true(file_type_is_played("video/webm"));
	assert_true(file_type_is_played("application/ogg"));
	assert_false(file_type_is_played("text/plain"));
	assert_false(file_type_is_played("application/octet-stream"));
	assert_false(file_type_is_played("image/gif"));
}

static void names_lose_paths_and_what_turns_text_around(void **state)
{
	static const char *const rows[][2] = {
		{"photo.jpg", "photo.jpg"},
		{"../../etc/passwd", "passwd"},
		{"C:\\fakepath\\caf\xc3\xa9.png", "caf\xc3\xa9.png"},
		{"a\r\nb\x1b[2J.txt", "ab[2J.txt"},
		{"gpj.\xe2\x80\xae"
		 "exe",
		 "gpj.exe"},
		{"..", "file"},
		{" / ", "file"},
		{"", "file"},
	};
	char long_name[400];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char *name = file_type_name(rows[i][0]);

		assert_string_equal(name, rows[i][1]);
		free(name);
	}
	for (size_t i = 0; i + 1 < sizeof(long_name); i += 2)
		memcpy(long_name + i, "\xc3\xa9", 2);
	long_name[398] = '\0';

	char *name = file_type_name(long_name);

	assert_int_equal(strlen(name), 254);
	free(name);
	assert_null(file_type_name("\xff.txt"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_kept_is_there_under_its_hash),
		cmocka_unit_test(equal_bytes_are_there_once),
		cmocka_unit_test(a_picture_is_kept_without_its_metadata),
		cmocka_unit_test(
			a_cut_picture_is_kept_without_its_metadata_too),
		cmocka_unit_test(
			what_begins_as_a_picture_and_is_none_is_refused),
		cmocka_unit_test(what_is_given_up_leaves_nothing),
		cmocka_unit_test(
			more_than_was_allowed_is_refused_before_it_is_written),
		cmocka_unit_test(a_full_disk_is_told_as_such),
		cmocka_unit_test(
			a_sweep_takes_what_a_dead_process_left_and_nothing_else),
		cmocka_unit_test(kinds_are_seen_whatever_they_say),
		cmocka_unit_test(sound_and_film_have_a_duration),
		cmocka_unit_test(names_lose_paths_and_what_turns_text_around),
	};

	return cmocka_run_group_tests(tests, make_place, remove_place);
}
