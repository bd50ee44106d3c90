#include "password_input.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "crypt.h"
#include "mem.h"

/* Whoever interrupts gets their terminal back as it was. These are blocked but
 * while we wait, so that none comes between looking and waiting. */
static const int fatal[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
static volatile sig_atomic_t interrupted;

static void password_on_signal(int number)
{
	interrupted = number;
}

/* As read(); open: the signals to wait with, NULL: as they are. */
static ssize_t read_byte(char *byte, const sigset_t *open)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};

	if (open != NULL && ppoll(&input, 1, NULL, open) < 0)
		return -1;
	return read(STDIN_FILENO, byte, 1);
}

/* A line without its end; false: there is none, or it is too long. */
static bool password_read_line(char out[PASSWORD_INPUT_SIZE],
			       const sigset_t *open)
{
	size_t len = 0;
	char byte;
	ssize_t got;

	while ((got = read_byte(&byte, open)) == 1 && byte != '\n') {
		if (len + 1 >= PASSWORD_INPUT_SIZE || byte == '\0')
			return false;
		out[len++] = byte;
	}
	out[len] = '\0';
	return got >= 0 && len > 0;
}

static bool password_prompt(const char *prompt, char out[PASSWORD_INPUT_SIZE],
			    const sigset_t *open)
{
	fputs(prompt, stderr);
	fflush(stderr);

	bool good = password_read_line(out, open);

	fputs("\n", stderr);
	return good;
}

static const char *ask_twice(char out[PASSWORD_INPUT_SIZE],
			     const sigset_t *open)
{
	char again[PASSWORD_INPUT_SIZE] = "";
	const char *wrong = NULL;

	if (!password_prompt("Password: ", out, open))
		wrong = "no password was given";
	else if (!password_prompt("Again: ", again, open) ||
		 strcmp(out, again) != 0)
		wrong = "these were two different passwords";
	crypt_wipe(again, sizeof(again));
	return wrong;
}

static void take_signals(struct sigaction *before, sigset_t *open)
{
	struct sigaction action = {.sa_handler = password_on_signal};
	sigset_t blocked;

	sigemptyset(&blocked);
	for (size_t i = 0; i < COUNT_OF(fatal); i++) {
		sigaddset(&blocked, fatal[i]);
		sigaction(fatal[i], &action, &before[i]);
	}
	sigprocmask(SIG_BLOCK, &blocked, open);
}

static void give_signals_back(const struct sigaction *before,
			      const sigset_t *open)
{
	for (size_t i = 0; i < COUNT_OF(fatal); i++)
		sigaction(fatal[i], &before[i], NULL);
	sigprocmask(SIG_SETMASK, open, NULL);
	if (interrupted != 0)
		raise(interrupted);
}

static const char *ask_unseen(char out[PASSWORD_INPUT_SIZE])
{
	struct sigaction before[COUNT_OF(fatal)];
	struct termios shown, hidden;
	sigset_t open;

	if (tcgetattr(STDIN_FILENO, &shown) != 0)
		return "this terminal cannot hide what is typed";
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	take_signals(before, &open);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);

	const char *wrong = ask_twice(out, &open);

	tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	give_signals_back(before, &open);
	return wrong;
}

const char *password_input(char out[PASSWORD_INPUT_SIZE])
{
	out[0] = '\0';
	if (isatty(STDIN_FILENO))
		return ask_unseen(out);
	return password_read_line(out, NULL) ? NULL
					     : "no password on standard input";
}
