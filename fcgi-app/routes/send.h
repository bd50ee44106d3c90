/*
 * send - a message, written and answered, as several routes do it.
 */
#ifndef SEND_H
#define SEND_H

struct app;
struct request;
struct response;
struct send_input;

void send_answer(struct app *app, const struct request *request,
		 const struct send_input *input, struct response *response);

#endif
