/*
 * history - a page of a conversation, by seq, as several routes answer it.
 */
#ifndef HISTORY_H
#define HISTORY_H

struct app;
struct request;
struct response;
struct store_viewer;

/* Of the viewer's with that user, which may have no message yet, as whoever
 * asks sees it; before, after and limit are the request's. */
void history_answer(struct app *app, const struct request *request,
		    const struct store_viewer *viewer, const char *with,
		    struct response *response);

#endif
