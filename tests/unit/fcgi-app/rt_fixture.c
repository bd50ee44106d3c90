#include "rt_fixture.h"

#include <stdlib.h>

#include "mem.h"

#define CALL_MAX (4 * 1024 * 1024)

void rt_add(struct chat *chat, struct buf *body, int who, const char *more,
	    const char *payload)
{
	char *head = xasprintf("{\"userId\":\"%s\",\"sessionId\":\"%s\",%s}",
			       chat->people[who].id, chat->people[who].session,
			       more);

	chat_command(body, head, payload);
	free(head);
}

void rt_add_send(struct chat *chat, struct buf *body, int from, int to,
		 const char *client_id)
{
	char *more = xasprintf("\"command\":\"send\",\"clientId\":\"%s\"",
			       client_id);
	char *payload = xasprintf("{\"to\":\"%s\",\"content\":\"hello\"}",
				  chat->people[to].id);

	rt_add(chat, body, from, more, payload);
	free(more);
	free(payload);
}

struct answer rt_call(struct chat *chat, struct buf *body)
{
	struct answer answer = chat_call(chat, body);

	buf_reset(body);
	return answer;
}

struct buf rt_new_body(void)
{
	struct buf body;

	buf_init(&body, CALL_MAX);
	return body;
}
