#include "screen.h"

#include <stdio.h>
#include <readline/history.h>
#include <readline/readline.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "buf.h"
#include "text.h"

#define PROMPT_MAX 128
#define TYPED_MAX (64 * 1024)
#define HISTORY_MAX 500

/* Readline is global, and so is what it calls. */
static struct {
	bool terminal, ended;
	bool between; /* a line was typed, and the next one is not begun */
	char prompt[PROMPT_MAX]; /* "": the one of the start */
	screen_typed *typed;
	screen_too_long *too_long;
	void *context;
	struct buf input; /* of a pipe: a line that has not ended */
} screen;

static const char *screen_prompt_now(void)
{
	return screen.prompt[0] != '\0' ? screen.prompt : "> ";
}

/* What signs in stays out of the history, however the server, which trims a
 * line, is given it. */
static bool screen_remembers(const char *line)
{
	char *trimmed = text_trim(line);
	bool signs_in = strncmp(trimmed, "/login", 6) == 0;
	bool empty = *trimmed == '\0';

	free(trimmed);
	return !signs_in && !empty;
}

/* Readline would give the terminal back for as long as a line is acted on. What
 * is typed meanwhile would be shown then, and once more in the next line. */
static void screen_keep_terminal(void)
{
}

static void screen_give_back(void)
{
	rl_callback_handler_remove();
	rl_deprep_terminal();
}

static void screen_line(char *line)
{
	if (line == NULL) {
		screen.ended = true;
		screen_give_back();
		screen.typed(NULL, screen.context);
		return;
	}
	if (screen_remembers(line))
		add_history(line);
	screen.between = true;
	screen.typed(line, screen.context);
	screen.between = false;
	free(line);
}

void screen_start(bool terminal, screen_typed *typed, screen_too_long *too_long,
		  void *context)
{
	screen.terminal = terminal;
	screen.typed = typed;
	screen.too_long = too_long;
	screen.context = context;
	buf_init(&screen.input, TYPED_MAX);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!terminal)
		return;
	rl_catch_signals = 0;
	rl_deprep_term_function = screen_keep_terminal;
	rl_bind_key('\t', rl_insert); /* files are not what is completed */
	stifle_history(HISTORY_MAX);
	rl_callback_handler_install(screen_prompt_now(), screen_line);
}

void screen_prompt(const char *prompt)
{
	snprintf(screen.prompt, sizeof(screen.prompt), "%s", prompt);
	if (screen.terminal && !screen.ended)
		rl_set_prompt(screen.prompt);
}

void screen_stop(void)
{
	if (screen.terminal && !screen.ended) {
		rl_clear_visible_line();
		screen_give_back();
	}
	buf_done(&screen.input);
}

static void screen_end_line(void)
{
	buf_add(&screen.input, "", 1);
	if (screen.input.overflow)
		screen.too_long(screen.context);
	else
		screen.typed(screen.input.data, screen.context);
	buf_reset(&screen.input);
}

static void screen_take(const char *bytes, size_t len)
{
	const char *lf;

	while ((lf = memchr(bytes, '\n', len)) != NULL) {
		size_t part = (size_t)(lf - bytes);

		buf_add(&screen.input, bytes, part);
		screen_end_line();
		bytes += part + 1;
		len -= part + 1;
	}
	buf_add(&screen.input, bytes, len);
}

/* A last line without LF is one, too. */
static void screen_read_pipe(void)
{
	char bytes[4096];
	ssize_t got = read(STDIN_FILENO, bytes, sizeof(bytes));

	if (got > 0) {
		screen_take(bytes, (size_t)got);
		return;
	}
	if (screen.input.len > 0)
		screen_end_line();
	screen.ended = true;
	screen.typed(NULL, screen.context);
}

void screen_input(void)
{
	if (screen.ended)
		return;
	if (screen.terminal)
		rl_callback_read_char();
	else
		screen_read_pipe();
}

void screen_show(const char *text)
{
	bool typed = screen.terminal && !screen.ended && !screen.between;

	if (typed)
		rl_clear_visible_line();
	puts(text);
	if (typed) {
		rl_on_new_line();
		rl_redisplay();
	}
}

char *screen_ask_secret(const char *prompt)
{
	struct termios shown, hidden;
	char *line = NULL;
	size_t size = 0;
	bool terminal = tcgetattr(STDIN_FILENO, &shown) == 0;

	if (!terminal)
		return NULL;
	fputs(prompt, stderr);
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	if (getline(&line, &size, stdin) < 1) {
		free(line);
		line = NULL;
	} else {
		line[strcspn(line, "\n")] = '\0';
	}
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	fputs("\n", stderr);
	return line;
}
