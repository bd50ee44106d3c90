/*
 * percent - bytes as % and two hexadecimal digits (RFC 3986, section 2.1).
 */
#ifndef PERCENT_H
#define PERCENT_H

struct buf;

/* Append text, of which the characters in plain stay as they are. */
void percent_add(struct buf *out, const char *text, const char *plain);

/* A text as a value of a query. The caller frees it. */
char *percent_query(const char *text);

#endif
