#include "password_input.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "crypt.h"
#include "mem.h"

/* Whoever interrupts gets his terminal back as it was. */
static const int fatal[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	interrupted = number;
}

/* A line without its end; false: there is none, or it is too long. */
static bool read_line(char out[PASSWORD_INPUT_SIZE])
{
	size_t len = 0;
	char byte;
	ssize_t got;

	while ((got = read(STDIN_FILENO, &byte, 1)) == 1 && byte != '\n') {
		if (len + 1 >= PASSWORD_INPUT_SIZE || byte == '\0')
			return false;
		out[len++] = byte;
	}
	out[len] = '\0';
	return got >= 0 && len > 0;
}

static bool ask(const char *prompt, char out[PASSWORD_INPUT_SIZE])
{
	fputs(prompt, stderr);
	fflush(stderr);

	bool good = read_line(out);

	fputs("\n", stderr);
	return good;
}

static const char *ask_twice(char out[PASSWORD_INPUT_SIZE])
{
	char again[PASSWORD_INPUT_SIZE] = "";
	const char *wrong = NULL;

	if (!ask("Password: ", out))
		wrong = "no password was given";
	else if (!ask("Again: ", again) || strcmp(out, again) != 0)
		wrong = "these were two different passwords";
	crypt_wipe(again, sizeof(again));
	return wrong;
}

static const char *ask_unseen(char out[PASSWORD_INPUT_SIZE])
{
	struct sigaction action = {.sa_handler = on_signal};
	struct sigaction before[COUNT_OF(fatal)];
	struct termios shown, hidden;

	if (tcgetattr(STDIN_FILENO, &shown) != 0)
		return "this terminal cannot hide what is typed";
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	for (size_t i = 0; i < COUNT_OF(fatal); i++)
		sigaction(fatal[i], &action, &before[i]);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);

	const char *wrong = ask_twice(out);

	tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	for (size_t i = 0; i < COUNT_OF(fatal); i++)
		sigaction(fatal[i], &before[i], NULL);
	if (interrupted != 0)
		raise(interrupted);
	return wrong;
}

const char *password_input(char out[PASSWORD_INPUT_SIZE])
{
	out[0] = '\0';
	if (isatty(STDIN_FILENO))
		return ask_unseen(out);
	return read_line(out) ? NULL : "no password on standard input";
}
