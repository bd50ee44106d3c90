/*
 * operator_do - an act of an operator by REST: done and written down, or
 * neither; and what they look at by the routes of everybody.
 */
#ifndef OPERATOR_DO_H
#define OPERATOR_DO_H

#include "store.h"

/* A mute or a block lasts so many seconds at most. */
#define OPERATOR_TIME_MAX_S (366 * INT64_C(86400))

struct app;
struct request;
struct response;

/* The time is the request's. False: refused, and answered. */
bool operator_do(struct app *app, const struct request *request,
		 struct response *response, const struct store_deed *deed);

/* Whose conversation with support it is; "": nobody's. */
void operator_client(const struct store_conversation *support,
		     char out[ID_SIZE]);

/* Of support, and the viewer sees it as an operator alone. */
bool operator_sees(const struct store_viewer *viewer,
		   const struct store_conversation *conversation);

/* The request's answer shows the viewer that conversation: a look, where they
 * see it as an operator. It is written down once no state of the store is held
 * for the request; without that nothing is shown. */
void operator_look(struct app *app, const struct store_viewer *viewer,
		   const struct store_conversation *conversation);
/* The same of the one with that id, which is the caller's then. False: the
 * viewer does not see it, and is answered. */
bool operator_look_up(struct app *app, const struct store_viewer *viewer,
		      const char *id, struct store_conversation *conversation,
		      struct response *response);
void operator_look_write(struct app *app, const struct request *request,
			 struct response *response);

#endif
