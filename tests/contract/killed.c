#include "killed.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void assert_says(const struct children *children, const int *numbers,
			size_t count)
{
	FILE *in = fdopen(dup(children->report), "r");
	size_t said = 0;

	for (int number = 0; fscanf(in, "%d", &number) == 1; said++)
		if (said < count)
			assert_int_equal(number, numbers[said]);
	fclose(in);
	assert_int_equal(said, count);
}

void killed_says(struct contract *c, child_main *work, const char *rule,
		 const int *numbers, size_t count)
{
	struct children children;
	int statuses[CHILDREN_MAX];

	if (rule != NULL)
		setenv(KILLED_BY, rule, 1);
	children_start(&children, c, 1, work);
	unsetenv(KILLED_BY);
	assert_says(&children, numbers, count);
	children_wait(&children, c, statuses);
	if (rule != NULL)
		assert_true(WIFSIGNALED(statuses[0]) &&
			    WTERMSIG(statuses[0]) == SIGKILL);
	else
		assert_int_equal(statuses[0], 0);
}

void killed_stops(struct contract *c, child_main *work, const char *rule,
		  child_main *meanwhile)
{
	struct children children;
	int status;

	setenv(STOPPED_BY, rule, 1);
	children_start(&children, c, 1, work);
	unsetenv(STOPPED_BY);
	assert_int_equal(waitpid(children.pid[0], &status, WUNTRACED),
			 children.pid[0]);
	assert_true(WIFSTOPPED(status));
	killed_says(c, meanwhile, NULL, SAYS_NOTHING);
	kill(children.pid[0], SIGCONT);
	store_free(c->store);
	children_wait(&children, c, NULL);
}
