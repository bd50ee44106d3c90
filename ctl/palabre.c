/*
 * palabre - the terminal client of the line protocol: what is typed is sent,
 * what comes is shown, and a lost connection is made again.
 */
#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "crypt.h"
#include "file_line.h"
#include "line_link.h"
#include "line_show.h"
#include "mem.h"
#include "screen.h"

#define PORT "12345"
/* How long nothing at all may come while a word of the server is awaited; one
 * that has much to do says by a bare LF every 3 s that it is there (L22). */
#define SILENCE_MS 10000
#define PAUSE_MIN_MS 1000
#define PAUSE_MAX_MS 30000
#define GOODBYE "Au revoir !"
#define NOTICE "* "
#define SIGNED_IN NOTICE "You are "

enum { EXIT_DONE, EXIT_LOST, EXIT_USAGE };

struct palabre {
	const char *host, *port, *name, *login, *download;
	char *password;
	bool terminal;
	bool left_out;	   /* a line that was typed */
	bool leaving;	   /* /quit, or the end of the input */
	bool said_goodbye; /* the server, and nothing since */
	bool signing_in;   /* of a pipe: /login has no answer yet */
	bool refused;	   /* or another one than it should */
	const char *lost;  /* why the status is EXIT_LOST */
	int64_t silent_by; /* monotonic ms, while a word is awaited */
	int64_t retry_at;  /* the same, while there is no connection */
	int64_t pause_ms;
	struct line_link link;
	struct line_show show;
};

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

static void usage(FILE *out)
{
	fputs("usage: palabre [--name NAME] [--login USER] [--download DIR]"
	      " HOST [PORT]\n"
	      "\n"
	      "  --name NAME     who you are without --login (your name here)"
	      "\n"
	      "  --login USER    the account of that name; its password is "
	      "asked"
	      " for,\n"
	      "                  or taken from PALABRE_PASSWORD\n"
	      "  --download DIR  keeps the files that come\n"
	      "\n"
	      "Lines of standard input are sent: /help says what the server"
	      " understands,\n"
	      "/file PATH sends a file (./12 one whose name is a number),"
	      " /quit or the end\n"
	      "of the input leaves. PORT is " PORT ".\n"
	      "Exit status: 0 left, 1 no connection, not signed in or a line"
	      " left out,\n"
	      "2 called in a wrong way.\n",
	      out);
}

/* ---- what is typed ---- */

static void be_patient(struct palabre *palabre)
{
	palabre->silent_by = clock_mono_ms() + SILENCE_MS;
}

/* The goodbye comes behind the answers to all before it. A FIN would have the
 * server close, once it has said it, with what we were too slow to read. */
static void leave(struct palabre *palabre)
{
	if (palabre->leaving)
		return;
	palabre->leaving = true;
	be_patient(palabre);
	if (palabre->link.fd >= 0)
		line_link_send(&palabre->link, "/quit");
}

static void typed(const char *line, void *context)
{
	struct palabre *palabre = context;
	const char *path = line != NULL ? file_line_path(line) : NULL;

	if (line == NULL || strcmp(line, "/quit") == 0)
		leave(palabre);
	else if (*line == '\0' || palabre->leaving)
		;
	else if (palabre->link.fd < 0)
		screen_show("Not connected: this was not sent.");
	else if (path != NULL)
		file_line_send(&palabre->link, path);
	else
		line_link_send(&palabre->link, line);
}

static void leave_out(void *context)
{
	struct palabre *palabre = context;

	fputs("palabre: a line that is too long was left out\n", stderr);
	palabre->left_out = true;
}

/* ---- the connection ---- */

/* As the first line, in place of a name: nobody is a guest before (L37). */
static void sign_in(struct palabre *palabre)
{
	char *line =
		xasprintf("/login %s %s", palabre->login, palabre->password);

	line_link_send(&palabre->link, line);
	crypt_wipe(line, strlen(line));
	free(line);
	palabre->signing_in = !palabre->terminal;
	be_patient(palabre);
}

static bool connect_now(struct palabre *palabre)
{
	const char *problem =
		line_link_open(&palabre->link, palabre->host, palabre->port);

	if (problem != NULL) {
		fprintf(stderr, "palabre: %s port %s: %s\n", palabre->host,
			palabre->port, problem);
		return false;
	}
	line_show_forget(&palabre->show);
	palabre->said_goodbye = false;
	if (palabre->login != NULL)
		sign_in(palabre);
	else
		line_link_send(&palabre->link, palabre->name);
	return true;
}

static void plan_retry(struct palabre *palabre)
{
	char *line = xasprintf("No connection; next try in %d s.",
			       (int)(palabre->pause_ms / 1000));

	screen_show(line);
	free(line);
	palabre->retry_at = clock_mono_ms() + palabre->pause_ms;
	palabre->pause_ms *= 2;
	if (palabre->pause_ms > PAUSE_MAX_MS)
		palabre->pause_ms = PAUSE_MAX_MS;
}

static bool begins(const char *line, const char *prefix)
{
	return strncmp(line, prefix, strlen(prefix)) == 0;
}

static void note_line(struct palabre *palabre, const char *line)
{
	if (*line == '\0')
		return;
	palabre->said_goodbye = strcmp(line, GOODBYE) == 0;
	if (palabre->signing_in && begins(line, NOTICE)) {
		palabre->signing_in = false;
		palabre->refused = !begins(line, SIGNED_IN);
	}
}

static void show_lines(struct palabre *palabre)
{
	struct line_file file;
	char *line, *text;

	while ((line = line_link_next(&palabre->link)) != NULL) {
		palabre->pause_ms = PAUSE_MIN_MS; /* it works */
		note_line(palabre, line);
		text = line_show(&palabre->show, line, &file);
		if (text != NULL)
			screen_show(text);
		if (file.name != NULL && palabre->download != NULL)
			file_line_keep(palabre->download, &file);
		free(text);
		free(line);
	}
}

/* False: the connection has ended, and all that came is shown. */
static bool hear(struct palabre *palabre)
{
	bool open = line_link_read(&palabre->link);

	be_patient(palabre);
	show_lines(palabre);
	return open;
}

/* ---- the loop ---- */

static bool awaits_word(const struct palabre *palabre)
{
	return palabre->leaving || palabre->signing_in;
}

static int time_left(const struct palabre *palabre)
{
	int64_t until = awaits_word(palabre)   ? palabre->silent_by
			: palabre->link.fd < 0 ? palabre->retry_at
					       : INT64_MAX;
	int64_t left = until - clock_mono_ms();

	return until == INT64_MAX ? -1 : left < 0 ? 0 : (int)left;
}

/* A pipe has as much as one likes: it is read from as fast as the server takes
 * it, and not before it is known in whose name. */
static bool takes_input(const struct palabre *palabre)
{
	if (palabre->leaving)
		return false;
	return palabre->terminal ||
	       (!palabre->signing_in && palabre->link.out.len == 0);
}

static void wait_for_something(struct palabre *palabre, bool *lost)
{
	bool written = line_link_flush(&palabre->link);
	struct pollfd fds[] = {
		{takes_input(palabre) ? STDIN_FILENO : -1, POLLIN, 0},
		{palabre->link.fd, POLLIN, 0},
	};

	*lost = false;
	if (palabre->link.out.len > 0)
		fds[1].events |= POLLOUT;
	if (written && poll(fds, 2, time_left(palabre)) <= 0)
		return;
	if (fds[0].revents != 0)
		screen_input();
	if (!written || (fds[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
		*lost = !hear(palabre) || !written;
}

static int end_lost(struct palabre *palabre, const char *why)
{
	palabre->lost = why;
	return EXIT_LOST;
}

/* The connection is, which the server may have said. */
static int look_at_loss(struct palabre *palabre)
{
	line_link_close(&palabre->link);
	if (palabre->said_goodbye)
		return EXIT_DONE;
	if (palabre->leaving || !palabre->terminal)
		return end_lost(palabre, "the connection was lost");
	plan_retry(palabre);
	return -1;
}

/* The exit status, or -1: go on. */
static int look_at_end(struct palabre *palabre, bool lost)
{
	if (interrupted)
		return EXIT_DONE;
	if (palabre->refused)
		return end_lost(palabre, "not signed in, and nothing was sent");
	if (lost)
		return look_at_loss(palabre);
	if (palabre->leaving && palabre->link.fd < 0)
		return EXIT_DONE;
	if (awaits_word(palabre) && clock_mono_ms() >= palabre->silent_by)
		return end_lost(palabre, "the server does not answer: not all "
					 "may have arrived");
	return -1;
}

static int run(struct palabre *palabre)
{
	int status = connect_now(palabre) ? -1 : EXIT_LOST;
	bool lost = false;

	if (status >= 0)
		return status;
	screen_start(palabre->terminal, typed, leave_out, palabre);
	while (status < 0) {
		wait_for_something(palabre, &lost);
		status = look_at_end(palabre, lost);
		if (status < 0 && palabre->link.fd < 0 &&
		    clock_mono_ms() >= palabre->retry_at &&
		    !connect_now(palabre))
			plan_retry(palabre);
	}
	screen_stop();
	if (palabre->lost != NULL)
		fprintf(stderr, "palabre: %s\n", palabre->lost);
	return status == EXIT_DONE && palabre->left_out ? EXIT_LOST : status;
}

/* False: called in a wrong way, which was said. */
static bool read_arguments(struct palabre *palabre, int argc, char **argv)
{
	static const struct option options[] = {
		{"name", required_argument, NULL, 'n'},
		{"login", required_argument, NULL, 'l'},
		{"download", required_argument, NULL, 'd'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},
		{NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "hv", options, NULL)) != -1) {
		switch (option) {
		case 'n':
			palabre->name = optarg;
			break;
		case 'l':
			palabre->login = optarg;
			break;
		case 'd':
			palabre->download = optarg;
			break;
		case 'h':
			usage(stdout);
			exit(EXIT_DONE);
		case 'v':
			puts("palabre " PACKAGE_VERSION);
			exit(EXIT_DONE);
		default:
			return false;
		}
	}
	if (argc - optind < 1 || argc - optind > 2)
		return false;
	palabre->host = argv[optind];
	palabre->port = argc - optind == 2 ? argv[optind + 1] : PORT;
	return true;
}

static void choose_name(struct palabre *palabre)
{
	if (palabre->name == NULL)
		palabre->name = getenv("USER");
	if (palabre->name == NULL || *palabre->name == '\0')
		palabre->name = ""; /* the server picks one */
}

static bool find_password(struct palabre *palabre)
{
	const char *given = getenv("PALABRE_PASSWORD");

	if (palabre->login == NULL)
		return true;
	palabre->password = given != NULL ? xstrdup(given)
					  : screen_ask_secret("Password: ");
	return palabre->password != NULL;
}

int main(int argc, char **argv)
{
	struct palabre palabre = {.pause_ms = PAUSE_MIN_MS};
	const struct sigaction action = {.sa_handler = interrupt};

	setlocale(LC_ALL, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
	if (!read_arguments(&palabre, argc, argv)) {
		usage(stderr);
		return EXIT_USAGE;
	}
	choose_name(&palabre);
	if (!find_password(&palabre)) {
		fputs("palabre: no password for --login\n", stderr);
		return EXIT_USAGE;
	}
	palabre.terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	palabre.show.colours =
		isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	line_link_init(&palabre.link);

	int status = run(&palabre);

	line_link_close(&palabre.link);
	line_show_forget(&palabre.show);
	if (palabre.password != NULL)
		crypt_wipe(palabre.password, strlen(palabre.password));
	free(palabre.password);
	return status;
}
