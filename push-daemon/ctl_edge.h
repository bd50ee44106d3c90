/*
 * ctl_edge - ctl.sock: an operator's questions, a word on a line each; every
 * answer is a JSON object on a line.
 *
 *     ping    {"ok":true,"pid":123}
 *     stats   {"ok":true,"stats":{"connections":2,...}}
 *     else    {"ok":false,"error":{"code":"unknown_command","message":"..."}}
 */
#ifndef CTL_EDGE_H
#define CTL_EDGE_H

#include <uv.h>

struct ctl_edge;
struct json_object;

/* stats: a new object, which the edge takes. */
struct ctl_edge *ctl_edge_new(uv_loop_t *loop, const char *path,
			      struct json_object *(*stats)(void *user),
			      void *user, char **error);
/* Frees itself as the loop runs out. NULL: no-op. */
void ctl_edge_close(struct ctl_edge *edge);

#endif
