/*
 * own_password - whoever asks proves by their password that they are more than
 * somebody who found their session.
 */
#ifndef OWN_PASSWORD_H
#define OWN_PASSWORD_H

#include <stdbool.h>

struct app;
struct request;
struct response;

/* False: refused, or no more guesses are looked at, or the store is away. */
bool own_password(struct app *app, const struct request *request,
		  const char *password, struct response *response);

/* 403 wrong_password */
void own_password_refuse(struct response *response);

#endif
