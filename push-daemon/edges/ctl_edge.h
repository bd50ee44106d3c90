/*
 * ctl_edge - ctl.sock: an operator's questions, a word on a line each; every
 * answer is a JSON object on a line.
 *
 *     ping    {"ok":true,"pid":123}
 *     stats   {"ok":true,"stats":{"connections":2,...}}
 *     clients [ID]   who is here, behind that one by their ids, a page of them:
 *             {"ok":true,"clients":[...],"total":2,"more":false}
 *     else    {"ok":false,"error":{"code":"unknown_command","message":"..."}}
 */
#ifndef CTL_EDGE_H
#define CTL_EDGE_H

#include <uv.h>

struct json_object;
struct pipe_server;

struct ctl_source {
	/* A new object, which the edge takes. */
	struct json_object *(*stats)(void *user);
	/* Its whole answer; NULL: after, which is "" at first, is no id. */
	struct json_object *(*clients)(void *user, const char *after);
	void *user;
};

/* As pipe_server_new(), to be closed as that; source must outlive it. */
struct pipe_server *ctl_edge_new(uv_loop_t *loop, const char *path,
				 struct ctl_source *source, char **error);

#endif
