/*
 * link - where the rest is: the header Link of RFC 8288, for the arrays of the
 * replaced system, which have no room to say it themselves.
 */
#ifndef LINK_H
#define LINK_H

struct app;
struct response;

/* Link: <target>; rel="next", below base_path. target is an address of ours, in
 * printable ASCII; it is taken. */
void link_next(const struct app *app, struct response *response, char *target);

#endif
