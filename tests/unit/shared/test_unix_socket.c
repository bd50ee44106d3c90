#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "mem.h"
#include "unix_socket.h"

static char directory[] = "/tmp/palabre-sock.XXXXXX";
static char path[64];

static int listen_as(enum unix_socket_claim claim)
{
	char *error;
	int fd = unix_socket_listen(path, 0660, claim, &error);

	assert_null(error);
	assert_true(fd >= 0);
	return fd;
}

static void assert_refused(const char *where, enum unix_socket_claim claim,
			   const char *why)
{
	char *error;
	char *expected = xasprintf("%s: %s", where, why);

	assert_int_equal(unix_socket_listen(where, 0660, claim, &error), -1);
	assert_string_equal(error, expected);
	free(expected);
	free(error);
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static void who_listens_is_reached_by_owner_and_group(void **state)
{
	(void)state;
	struct stat st;
	mode_t mask = umask(0077);
	int fd = listen_as(UNIX_SOCKET_DEAD);
	int peer = unix_socket_connect(path);

	assert_int_equal(umask(mask), 0077);
	assert_true(peer >= 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(peer, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(peer, F_GETFD) & FD_CLOEXEC);
	close(peer);
	close(fd);
}

static void what_is_bound_refuses_until_somebody_listens(void **state)
{
	(void)state;
	char *error;
	int fd = unix_socket_bind(path, 0660, UNIX_SOCKET_DEAD, &error);

	assert_null(error);
	assert_int_equal(unix_socket_connect(path), -1);
	assert_int_equal(errno, ECONNREFUSED);
	assert_int_equal(listen(fd, UNIX_SOCKET_BACKLOG), 0);
	int peer = unix_socket_connect(path);

	assert_true(peer >= 0);
	close(peer);
	close(fd);
}

static void a_dead_socket_is_replaced(void **state)
{
	(void)state;
	close(listen_as(UNIX_SOCKET_DEAD));
	assert_int_equal(unix_socket_connect(path), -1);
	assert_int_equal(errno, ECONNREFUSED);
	int fd = listen_as(UNIX_SOCKET_DEAD);
	int peer = unix_socket_connect(path);

	assert_true(peer >= 0);
	close(peer);
	close(fd);
}

static void a_live_one_is_replaced_by_its_owner_only(void **state)
{
	(void)state;
	int first = listen_as(UNIX_SOCKET_DEAD);

	assert_refused(path, UNIX_SOCKET_DEAD, "in use by another process");
	int second = listen_as(UNIX_SOCKET_ANY);

	close(second);
	assert_int_equal(unix_socket_connect(path), -1);
	close(first);
}

static void a_file_in_the_way_is_not_removed(void **state)
{
	(void)state;
	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	assert_refused(path, UNIX_SOCKET_DEAD, "exists and is no socket");
	assert_refused(path, UNIX_SOCKET_ANY, "exists and is no socket");
	assert_int_equal(access(path, F_OK), 0);
}

static void where_there_can_be_no_socket_is_said(void **state)
{
	(void)state;
	char *name = xasprintf("%s/%0108d", directory, 1);

	assert_refused(name, UNIX_SOCKET_DEAD, "too long for a socket");
	assert_int_equal(unix_socket_connect(name), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	free(name);
	assert_refused("/nowhere/at/all", UNIX_SOCKET_DEAD,
		       "there is no such directory");
}

static void who_waits_gives_up_on_the_silent(void **state)
{
	(void)state;
	int fd = listen_as(UNIX_SOCKET_DEAD);
	int peer = unix_socket_connect_waiting(path, 20);
	char byte;

	assert_true(peer >= 0);
	assert_false(fcntl(peer, F_GETFL) & O_NONBLOCK);
	assert_int_equal(read(peer, &byte, 1), -1);
	assert_int_equal(errno, EAGAIN);
	close(peer);
	close(fd);
	unlink(path);
	assert_int_equal(unix_socket_connect_waiting(path, 20), -1);
	assert_int_equal(errno, ENOENT);
}

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_listens_is_reached_by_owner_and_group),
		TEST(what_is_bound_refuses_until_somebody_listens),
		TEST(a_dead_socket_is_replaced),
		TEST(a_live_one_is_replaced_by_its_owner_only),
		TEST(a_file_in_the_way_is_not_removed),
		TEST(where_there_can_be_no_socket_is_said),
		TEST(who_waits_gives_up_on_the_silent),
	};

	if (mkdtemp(directory) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/t.sock", directory);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	rmdir(directory);
	return failed;
}
