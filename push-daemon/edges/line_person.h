/*
 * line_person - who is at the other end of a line, as the files of the line
 * edge know them:
 *
 *     line_tell.c     what they are shown
 *     line_banner.c   what the server shows of itself
 *     line_fetch.c    files that they get
 *     line_receipts.c what of it has arrived
 *     line_rest.c     what REST is asked in their name
 *     line_renewal.c  a fresh token in good time
 *     line_missed.c   what came while they were away
 *     line_file.c     files that they send
 *     line_commands.c what a word behind a slash does: a table
 *     line_lobby.c    being in the lobby, or not
 *     line_files.c    files that were sent before
 *     line_outside.c  who may not come as a guest
 *     line_ask.c      what they say, one thing after the other
 *     line_client.c   their place in the hub, and what it says to them
 *     line_edge.c     how they come and go
 */
#ifndef LINE_PERSON_H
#define LINE_PERSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "client.h"
#include "ids.h"
#include "line_config.h"
#include "line_text.h"

#define LINE_RECEIPTS 4
#define LINE_FILE_BYTES (2 * 1024 * 1024) /* as the old pages have it */

struct buf;
struct json_object;
struct line_banner;
struct line_fetch;
struct line_person;
struct line_word;
struct rest_call;
struct sio_message;

#define LINE_REST_PROFILE "/api/users/profile" /* auth's, not api's */

/* body: NULL where there is none that makes sense. */
typedef void line_rest_done(struct line_person *person, int status,
			    const struct json_object *body);

/* Their place in the hub; it may outlive them, while a call holds it. */
struct line_client {
	struct client client;	    /* must be first */
	struct line_person *person; /* NULL: gone */
};

/* Something that they have said, and nobody has done yet. */
struct line_saying {
	STAILQ_ENTRY(line_saying) next;
	size_t len;
	char text[];
};
STAILQ_HEAD(line_sayings, line_saying);

struct line_receipt {
	char conversation[ID_SIZE]; /* "": none */
	int64_t seq;
	uint64_t due; /* once so many bytes have arrived */
};

struct line_person {
	struct line line; /* must be first */
	struct line_edge *edge;
	struct line_client *client; /* NULL: the hub does not know them */
	char *asked;		    /* the name they gave; NULL: none yet */
	char *display_name;
	char id[ID_SIZE], support[ID_SIZE]; /* "": they are not in yet */
	char *token;			    /* theirs; NULL: not yet */
	bool numbered;			    /* they gave no name */
	bool left;			    /* they will say no more */
	int64_t enter_at; /* when to try to get in again; 0: not */

	/* line_banner */
	struct line_banner *banner; /* NULL: not known yet */

	/* line_rest */
	struct rest_call *call; /* NULL: none is under way */
	line_rest_done *rest_done;
	bool signs_in;	   /* that is what is under way */
	char *whom, *text; /* a command's, while it asks */

	/* line_renewal */
	struct rest_call *renewal; /* NULL: none is under way */

	/* line_fetch */
	struct line_fetch *fetch; /* NULL: no file is on its way to them */

	/* line_lobby */
	bool has_lobby;			  /* there is one */
	bool left_lobby;		  /* and they do not want it */
	int64_t lobby_heard, lobby_shown; /* seq: while out; going in */

	/* line_outside */
	bool outside;

	/* line_missed */
	bool catches_up;      /* what comes of support is shown in its turn */
	int64_t shown, heard; /* seq of support, while they do */
	int64_t mark;	      /* up to there they had received when they came */
	int64_t missed_at;    /* when to ask again; 0: not */

	/* line_ask */
	struct line_sayings sayings;
	size_t sayings_count, sayings_bytes;
	void (*answered)(struct line_person *person,
			 const struct json_object *answer); /* NULL: nothing
								 is asked */
	int64_t ack;		 /* of what is asked */
	int64_t ask_at;		 /* not before */
	int64_t give_up;	 /* of what is asked again and again */
	char client_id[ID_SIZE]; /* of the message that is sent; "": none */
	char file[ID_SIZE];	 /* kept, to be sent with it; "": none */

	/* line_receipts */
	struct line_receipt receipts[LINE_RECEIPTS];
	int64_t look_at, look_ms;
};

struct line_edge {
	struct line_edge_config config;
	struct line_server *server;
	unsigned sign_ins;	    /* under way */
	struct line_banner *banner; /* NULL: not known yet */
	/* The last event that somebody was sent, for the next who is. */
	struct sio_message *event;
	struct json_object *parsed;
};

static inline struct line_person *line_person_of(struct line *line)
{
	return (struct line_person *)line;
}

int64_t line_person_now(const struct line_person *person);
struct line_reader line_person_reader(const struct line_person *person);
/* That message is theirs. */
bool line_person_wrote(const struct line_person *person,
		       const struct json_object *message);

/* The name of who gave none, `Client_1234`. The caller frees it. */
char *line_person_number(void);

/* ---- line_tell ---- */

/* One line of ours, to read for people. */
void line_tell(struct line_person *person, const char *text);
/* The first that they are shown, as `name`. more: a line besides, or NULL. */
void line_tell_hello(struct line_person *person, const char *name,
		     const char *more);
/* Messages of a list, as they were, and a line of ours behind them, or NULL; at
 * most so many lines as one read has where nothing else is read. */
void line_tell_messages(struct line_person *person,
			const struct json_object *items, const char *more);
void line_tell_goodbye(struct line_person *person);
/* An event of the hub's; body is its argument. */
void line_tell_message(struct line_person *person,
		       const struct json_object *body);
void line_tell_notice(struct line_person *person,
		      const struct json_object *body);

/* ---- line_banner ---- */

/* The server's profile, as it is now: who is in and ends lines is told of what
 * is another than they were told. */
void line_banner_take(struct line_person *person,
		      const struct json_object *server);
/* The whole of it; nothing where there is none. */
void line_banner_add(const struct line_person *person, struct buf *out);
void line_banner_unref(struct line_banner *banner); /* NULL: no-op */

/* ---- line_receipts ---- */

/* What was written up to now has that message in it. */
void line_receipts_add(struct line_person *person, const char *conversation,
		       int64_t seq);
/* What was written does not arrive. */
void line_receipts_forget(struct line_person *person);
/* Says of those that have arrived that they have. True: some have not. */
bool line_receipts_tick(struct line_person *person, int64_t now_ms);

/* ---- line_rest ---- */

/* Ask; body is taken, NULL: none. One at a time. */
void line_rest(struct line_person *person, const char *method,
	       const char *target, struct json_object *body,
	       line_rest_done *done);
/* The same, of the pool that verifies passwords, which takes time on purpose:
 * false: of all lines so many are at it that this one has to wait. */
bool line_rest_sign_in(struct line_person *person, const char *name,
		       const char *password, line_rest_done *done);
/* Keep a file; its id is in the answer. */
void line_rest_upload(struct line_person *person, const char *name,
		      const void *bytes, size_t len, line_rest_done *done);
void line_rest_cancel(struct line_person *person);
/* What was refused, for people. */
const char *line_rest_words(const struct json_object *body);

/* ---- line_renewal ---- */

/* Their session goes on, here and in the hub, if it can. */
void line_renewal_begin(struct line_person *person);
void line_renewal_cancel(struct line_person *person);

/* ---- line_missed ---- */

/* They are there again: the hello, with what came meanwhile; who ends no lines
 * is told how much it is. */
void line_missed_begin(struct line_person *person);
/* They are somebody else now. */
void line_missed_forget(struct line_person *person);
/* Asks again where nobody has answered. True: it will. */
bool line_missed_tick(struct line_person *person, int64_t now_ms);
/* A message of support that came: is it shown in its turn, or was it? */
bool line_missed_holds(struct line_person *person,
		       const struct json_object *message);

/* ---- line_fetch ---- */

/* The file of a message, as a line. False: in its stead they are shown what it
 * is: to who ends no lines, one larger than LINE_FILE_BYTES, one more while
 * line_fetch_waits(). */
bool line_fetch_begin(struct line_person *person,
		      const struct json_object *message);
/* One is on its way, or so much waits that none may wait behind it. */
bool line_fetch_waits(const struct line_person *person);
void line_fetch_cancel(struct line_person *person);

/* ---- line_file ---- */

/* They send one, in base64; it ends with line_ask_finish(). */
void line_file_take(struct line_person *person, const char *name,
		    const char *base64);

/* ---- line_lobby ---- */

/* An event: there is one. */
void line_lobby_note(struct line_person *person,
		     const struct json_object *body);
/* Plain lines of theirs go there. */
static inline bool line_lobby_has(const struct line_person *person)
{
	return person->has_lobby && !person->left_lobby;
}
/* A message that came is for them, and was not shown when they went in. */
bool line_lobby_hears(struct line_person *person,
		      const struct json_object *message);
void line_lobby_run(struct line_person *person, const char *arguments);

/* ---- line_files ---- */

void line_files_run(struct line_person *person, const char *arguments);

/* ---- line_outside ---- */

/* They stay, as somebody without a name, and may sign in. why: what they are
 * told, or NULL. */
void line_outside_begin(struct line_person *person, const char *why);
/* They said that: false: they may. Else it ends with line_ask_finish(). */
bool line_outside_refuses(struct line_person *person,
			  const struct line_word *word);

/* ---- line_commands ---- */

bool line_command_is(const char *name);

/* False: there is no such command. It ends with line_ask_finish(). */
bool line_command_do(struct line_person *person, const char *name,
		     const char *arguments);

/* ---- line_ask ---- */

/* What they said first is done; the next, then. */
void line_ask_finish(struct line_person *person);
/* What they say is looked at again after so many milliseconds. */
void line_ask_wait(struct line_person *person, int64_t ms);
/* Send that to somebody, as what they said first. */
void line_ask_send_to(struct line_person *person, const char *user,
		      const char *text);
void line_ask_send_in(struct line_person *person, const char *conversation,
		      const char *text);
/* Where plain lines of theirs go. */
void line_ask_send(struct line_person *person, const char *text);
/* That of person->file. */
void line_ask_send_file(struct line_person *person);

/* They said that. Done at once, or when what they said before is. */
void line_ask_take(struct line_person *person, const char *text, size_t len);
/* Goes on with it. True: something waits for its time. */
bool line_ask_tick(struct line_person *person, int64_t now_ms);
/* The hub's answer to what was asked. */
void line_ask_answered(struct line_person *person, int64_t ack,
		       const char *json, size_t len);
void line_ask_done(struct line_person *person);

/* ---- line_client ---- */

/* The hub is asked to let them in, by their token or the name they gave. */
void line_client_enter(struct line_person *person);
/* The hub forgets them. */
void line_client_part(struct line_person *person, const char *reason);
void line_client_take_token(struct line_person *person, const char *token);
void line_client_forget_token(struct line_person *person);
/* An event of theirs; takes body. ack: -1: none wanted. */
void line_client_say(struct line_person *person, const char *event, int64_t ack,
		     struct json_object *body);
/* Another session than the one they have. */
void line_person_sign_in(struct line_person *person,
			 const struct json_object *answer);
/* The goodbye of either side: nothing is heard of them any more. */
void line_person_leave(struct line_person *person, const char *reason);

#endif
