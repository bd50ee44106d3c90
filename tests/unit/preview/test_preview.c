#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "handover.h"

struct preview {
	pid_t pid;
	struct sockaddr_un address; /* an abstract one */
	socklen_t address_len;
};

static int start(void **state)
{
	static struct preview preview;
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	const struct sockaddr_un any = {.sun_family = AF_UNIX};

	preview.address_len = sizeof(preview.address);
	if (bind(listener, (const struct sockaddr *)&any,
		 sizeof(any.sun_family)) != 0 ||
	    listen(listener, 8) != 0 ||
	    getsockname(listener, (struct sockaddr *)&preview.address,
			&preview.address_len) != 0)
		return -1;
	preview.pid = fork();
	if (preview.pid == 0) {
		dup2(listener, STDIN_FILENO);
		execl(PREVIEW, PREVIEW, (char *)NULL);
		_exit(127);
	}
	close(listener);
	*state = &preview;
	return 0;
}

static int stop(void **state)
{
	struct preview *preview = *state;
	int status;

	kill(preview->pid, SIGTERM);
	waitpid(preview->pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static int call(const struct preview *preview)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (const struct sockaddr *)&preview->address,
				 preview->address_len),
			 0);
	return fd;
}

/* What it says of these bytes; the copy is drawn into *copy, if not NULL. */
static void ask(const struct preview *preview, const void *bytes, size_t len,
		char line[32], GdkPixbuf **copy)
{
	int connection = call(preview);
	const int fds[2] = {memfd_create("picture", 0), memfd_create("c", 0)};
	char drawn[65536];
	ssize_t got;

	assert_int_equal(write(fds[0], bytes, len), len);
	assert_int_equal(lseek(fds[0], 0, SEEK_SET), 0);
	assert_true(handover_send(connection, fds[0], fds[1]));
	got = recv(connection, line, 31, MSG_WAITALL);
	assert_true(got >= 2);
	line[got] = '\0';
	if (copy != NULL) {
		GdkPixbufLoader *loader = gdk_pixbuf_loader_new();

		got = pread(fds[1], drawn, sizeof(drawn), 0);
		assert_true(got > 0);
		assert_true(gdk_pixbuf_loader_write(loader, (guchar *)drawn,
						    (gsize)got, NULL));
		assert_true(gdk_pixbuf_loader_close(loader, NULL));
		*copy = g_object_ref(gdk_pixbuf_loader_get_pixbuf(loader));
		g_object_unref(loader);
	}
	close(fds[0]);
	close(fds[1]);
	close(connection);
}

/* A plain picture; freed by g_free(). */
static gchar *draw(const char *type, int width, int height, guint32 colour,
		   gsize *len)
{
	GdkPixbuf *pixbuf = gdk_pixbuf_new(
		GDK_COLORSPACE_RGB, (colour & 0xff) != 0xff, 8, width, height);
	gchar *bytes = NULL;

	gdk_pixbuf_fill(pixbuf, colour);
	assert_true(gdk_pixbuf_save_to_buffer(pixbuf, &bytes, len, type, NULL,
					      NULL));
	g_object_unref(pixbuf);
	return bytes;
}

static void a_large_picture_is_made_small(void **state)
{
	char line[32];
	gsize len;
	gchar *picture = draw("jpeg", 2000, 1000, 0xc02040ff, &len);
	GdkPixbuf *copy;

	ask(*state, picture, len, line, &copy);
	assert_string_equal(line, "512 256\n");
	assert_int_equal(gdk_pixbuf_get_width(copy), 512);
	assert_in_range(gdk_pixbuf_read_pixels(copy)[0], 0xb8, 0xc8);
	g_object_unref(copy);
	g_free(picture);
}

static void a_small_one_stays_as_large_as_it_is(void **state)
{
	char line[32];
	gsize len;
	gchar *picture = draw("png", 30, 40, 0xc02040ff, &len);

	ask(*state, picture, len, line, NULL);
	assert_string_equal(line, "30 40\n");
	g_free(picture);
}

static void what_shines_through_still_does(void **state)
{
	char line[32];
	gsize len;
	gchar *picture = draw("png", 900, 900, 0xc0204080, &len);
	GdkPixbuf *copy;

	ask(*state, picture, len, line, &copy);
	assert_string_equal(line, "512 512\n");
	assert_true(gdk_pixbuf_get_has_alpha(copy));
	assert_int_equal(gdk_pixbuf_read_pixels(copy)[3], 0x80);
	g_object_unref(copy);
	g_free(picture);
}

static void a_turned_one_is_set_upright(void **state)
{
	static const guchar exif[] = "\xff\xe1\0\x22"
				     "Exif\0\0MM\0\52\0\0\0\x08\0\1\1\x12\0\3"
				     "\0\0\0\1\0\6\0\0\0\0\0";
	char line[32];
	gsize len;
	gchar *picture = draw("jpeg", 1000, 500, 0xc02040ff, &len);
	gchar *turned = g_malloc(len + sizeof(exif));

	memcpy(turned, picture, 2);
	memcpy(turned + 2, exif, sizeof(exif));
	memcpy(turned + 2 + sizeof(exif), picture + 2, len - 2);
	ask(*state, turned, len + sizeof(exif), line, NULL);
	assert_string_equal(line, "256 512\n");
	g_free(turned);
	g_free(picture);
}

static void webp_is_read_too(void **state)
{
	static const guchar dot[] =
		"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\0\0\0\x10\x07\x10\x11"
		"\x11\x88\x88\xfe\x07";
	char line[32];

	ask(*state, dot, sizeof(dot), line, NULL);
	assert_string_equal(line, "1 1\n");
}

static void a_bomb_and_a_lie_are_refused_and_the_next_is_served(void **state)
{
	/* 60,000 by 60,000 pixels, it says. */
	static const guchar bomb[] =
		"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\xea\x60\0\0\xea\x60\x08"
		"\6\0\0\0\x8d\x06\x16\xfe\0\0\0\0IDAT\x35\xaf\x06\x1e";
	char line[32];

	ask(*state, bomb, sizeof(bomb) - 1, line, NULL);
	assert_string_equal(line, "-\n");
	ask(*state, "<svg xmlns='http://www.w3.org/2000/svg'/>", 40, line,
	    NULL);
	assert_string_equal(line, "-\n");
	ask(*state, "\xff\xd8\xff\xe0 nothing more", 17, line, NULL);
	assert_string_equal(line, "-\n");
	ask(*state, "", 0, line, NULL);
	assert_string_equal(line, "-\n");
	a_small_one_stays_as_large_as_it_is(state);
}

static void a_request_without_files_is_hung_up_on(void **state)
{
	int connection = call(*state);
	int pipes[2];
	char byte;

	assert_int_equal(write(connection, "p", 1), 1);
	assert_int_equal(read(connection, &byte, 1), 0);
	close(connection);

	assert_int_equal(pipe(pipes), 0);
	connection = call(*state);
	assert_true(handover_send(connection, pipes[0], pipes[1]));
	assert_int_equal(read(connection, &byte, 1), 0);
	close(connection);
	close(pipes[0]);
	close(pipes[1]);
	a_small_one_stays_as_large_as_it_is(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_large_picture_is_made_small),
		cmocka_unit_test(a_small_one_stays_as_large_as_it_is),
		cmocka_unit_test(what_shines_through_still_does),
		cmocka_unit_test(a_turned_one_is_set_upright),
		cmocka_unit_test(webp_is_read_too),
		cmocka_unit_test(
			a_bomb_and_a_lie_are_refused_and_the_next_is_served),
		cmocka_unit_test(a_request_without_files_is_hung_up_on),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
