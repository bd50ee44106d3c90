/* When the disk of the SQLite file is full. */
#include "sqlite_fault.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mem.h"

/* Sends until it fails; gives how many were acknowledged. */
static int send_until_refused(struct contract *c, size_t size)
{
	char *text = xmalloc(size + 1);
	int sent = 0;

	memset(text, 'x', size);
	text[size] = '\0';
	for (; sent < 10000; sent++) {
		struct store_send send = {.to = c->bob, .content = text};
		enum store_status status = contract_try(c, c->ann, &send);

		if (status == STORE_OK)
			continue;
		assert_int_equal(status, STORE_UNAVAILABLE);
		break;
	}
	free(text);
	assert_true(sent < 10000);
	return sent;
}

/* A refusal can make room: the file takes over what its log held. Until there
 * is truly none. */
static int send_until_full(struct contract *c, size_t size)
{
	int total = 0;

	for (int sent = -1; sent != 0; total += sent)
		sent = send_until_refused(c, size);
	return total;
}

static void assert_holds(struct contract *c, int count)
{
	struct store_conversation seen;
	char direct[ID_SIZE];

	id_direct(c->ann, c->bob, direct);
	assert_ok(store_conversation_get(c->store, AS(c->ann), direct, &seen));
	assert_int_equal(seen.last_seq, count);
	store_conversation_done(&seen);
	contract_assert_clean(c->store);
}

/* The limit stands for a full disk where none can be mounted. */
static void a_file_that_may_not_grow_keeps_what_it_has(void **state)
{
	struct contract *c = *state;
	struct rlimit before, tight = {.rlim_cur = 400000};
	int count;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	tight.rlim_max = before.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	count = send_until_full(c, 4000);

	/* A batch is refused as a whole, also what there would be room for. */
	if (store_batch_begin(c->store) == STORE_OK) {
		send_until_refused(c, 20000);
		assert_int_equal(fault_look(c), STORE_UNAVAILABLE);
		assert_int_equal(store_batch_commit(c->store),
				 STORE_UNAVAILABLE);
	}
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_true(count > 5);
	assert_holds(c, count);
	fault_assert_back(c);
	assert_holds(c, count + 1);
}

static int fill_disk(const char *folder)
{
	struct contract c = {.now = CONTRACT_NOW};
	char *filler = xasprintf("%s/filler", folder);
	char block[4096] = {1};

	c.uri = xasprintf("sqlite:%s/palabre.db", folder);
	c.store = contract_open(&c);
	char *error = store_prepare(c.store);

	assert_null(error);
	contract_add_user(&c, "Ann", c.ann);
	contract_add_user(&c, "Bob", c.bob);

	int fd = open(filler, O_WRONLY | O_CREAT, 0600);
	int filled = 0;

	while (write(fd, block, sizeof(block)) == (ssize_t)sizeof(block))
		filled++;
	assert_true(filled > 100);
	assert_int_equal(send_until_refused(&c, 4000), 0);
	assert_ok(fault_look(&c)); /* what is there can be read */
	assert_int_equal(store_try_write(c.store), STORE_UNAVAILABLE);
	assert_int_equal(ftruncate(fd, (filled - 50) * 4096), 0);
	close(fd);

	int count = send_until_full(&c, 4000);

	assert_true(count > 0);
	assert_holds(&c, count);
	unlink(filler);
	assert_ok(store_try_write(c.store));
	fault_assert_back(&c);
	assert_holds(&c, count + 1);
	store_free(c.store);
	free(c.uri);
	free(filler);
	return 0;
}

static void write_line(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		_exit(77);
	close(fd);
}

/* A mount that is this process's alone and goes with it; an ordinary user
 * becomes root of a namespace of its own for that, where it may. */
static void mount_disk(const char *folder)
{
	char *users = xasprintf("0 %d 1", (int)geteuid());
	char *groups = xasprintf("0 %d 1", (int)getegid());

	if (unshare(CLONE_NEWNS) != 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
			_exit(77);
		write_line("/proc/self/setgroups", "deny");
		write_line("/proc/self/uid_map", users);
		write_line("/proc/self/gid_map", groups);
	}
	free(users);
	free(groups);
	mount("none", "/", "", MS_REC | MS_PRIVATE, NULL);
	if (mount("palabre", folder, "tmpfs", 0, "size=2m") != 0)
		_exit(77);
}

static void a_full_disk_keeps_what_it_has(void **state)
{
	struct contract *c = *state;
	char *folder = fault_beside(c, ".disk");
	int status;

	assert_int_equal(mkdir(folder, 0700), 0);
	pid_t pid = fork();

	if (pid == 0) {
		mount_disk(folder);
		_exit(fill_disk(folder));
	}
	waitpid(pid, &status, 0);
	rmdir(folder);
	free(folder);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(a_file_that_may_not_grow_keeps_what_it_has),
		CONTRACT_TEST(a_full_disk_keeps_what_it_has),
	};

	return contract_run_on("sqlite", "a disk that is full under SQLite",
			       tests, COUNT_OF(tests));
}
