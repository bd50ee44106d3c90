#include "children.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Together longer than a backend tries nothing after a failure. */
#define TRIES 50
#define PAUSE_US 100000

static void run_child(struct contract *c, child_main *run, int number,
		      const int start[2], const int report[2])
{
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* stopped, it would stay */
	close(start[1]);
	close(report[0]);
	/* End of file is the starting gun. */
	if (read(start[0], &byte, 1) != 0)
		_exit(100);
	c->store = contract_open(c);
	int status = run(c, number, report[1]);

	store_free(c->store);
	_exit(status);
}

void children_start(struct children *children, struct contract *c, int count,
		    child_main *run)
{
	int start[2], report[2];

	assert_true(count <= CHILDREN_MAX);
	store_free(c->store);
	c->store = NULL;
	assert_int_equal(pipe(start), 0);
	assert_int_equal(pipe(report), 0);
	children->count = count;
	for (int i = 0; i < count; i++) {
		children->pid[i] = fork();
		assert_true(children->pid[i] >= 0);
		if (children->pid[i] == 0)
			run_child(c, run, i, start, report);
	}
	close(start[0]);
	close(report[1]);
	children->report = report[0];
	close(start[1]);
}

void children_wait(struct children *children, struct contract *c,
		   int statuses[CHILDREN_MAX])
{
	int got[CHILDREN_MAX];

	for (int i = 0; i < children->count; i++)
		assert_int_equal(waitpid(children->pid[i], &got[i], 0),
				 children->pid[i]);
	close(children->report);
	c->store = contract_open(c); /* for whoever tears down, too */
	for (int i = 0; i < children->count; i++) {
		if (statuses != NULL)
			statuses[i] = got[i];
		else
			assert_int_equal(got[i], 0);
	}
}

bool children_try_again(enum store_status status, int *tries)
{
	if (status != STORE_UNAVAILABLE || ++*tries >= TRIES)
		return false;
	usleep(PAUSE_US);
	return true;
}
