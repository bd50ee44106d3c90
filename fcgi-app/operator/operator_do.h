/*
 * operator_do - an act of an operator by REST: done and written down, or
 * neither.
 */
#ifndef OPERATOR_DO_H
#define OPERATOR_DO_H

#include "store.h"

struct app;
struct request;
struct response;

/* The time is the request's. False: refused, and answered. */
bool operator_do(struct app *app, const struct request *request,
		 struct response *response, const struct store_deed *deed);

#endif
