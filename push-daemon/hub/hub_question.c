#include "hub_question.h"

#include <string.h>

#include "buf.h"
#include "frame_head.h"
#include "hub_users.h"
#include "json.h"
#include "palabre_limits.h"

#define QUESTION_DEPTH 4

/* Of each id in payload, one behind the other: '1' or '0'. */
static bool add_asked(const struct hub_users *users,
		      const struct notify_parts *asked, struct buf *out)
{
	size_t count = asked->payload_len / ID_LEN;

	if (asked->payload_len % ID_LEN != 0 || count > FRAME_USERS_MAX)
		return false;
	buf_adds(out, "");
	for (size_t i = 0; i < count; i++) {
		char id[ID_SIZE] = "";

		memcpy(id, asked->payload + i * ID_LEN, ID_LEN);
		buf_adds(out, hub_users_is_online(users, id) ? "1" : "0");
	}
	return true;
}

struct online_some {
	struct json_object *ids;
	size_t left;
	bool guests;
};

static int hub_question_list(const char *id, void *value, void *context)
{
	const struct user *user = value;
	struct online_some *some = context;

	if (some->left == 0)
		return 0;
	if (user->person.online && (some->guests || !user->guest)) {
		json_push(some->ids, json_new_string(id));
		some->left--;
	}
	return 1;
}

static bool put_some(struct hub_users *users,
		     const struct json_object *question,
		     struct json_object *answer)
{
	struct online_some some = {json_new_array(), LIMIT_ONLINE_NAMED, false};
	int64_t limit;

	json_put(answer, "online", some.ids);
	if (json_get_int(question, "limit", &limit) != JSON_FOUND || limit < 0)
		return false;
	if (limit < LIMIT_ONLINE_NAMED)
		some.left = (size_t)limit;
	json_get_bool(question, "guests", &some.guests);
	hub_users_each(users, hub_question_list, &some);
	return true;
}

static bool add_answer(struct hub_users *users,
		       const struct json_object *question,
		       const struct notify_parts *asked, struct buf *out)
{
	struct json_object *head = json_new_object();
	struct notify_parts answer = {0};
	struct buf payload;
	bool good;

	buf_init(&payload, FRAME_USERS_MAX);
	json_put(head, "id", json_ref(json_any(question, "id")));
	good = asked->payload != NULL ? add_asked(users, asked, &payload)
				      : put_some(users, question, head);
	answer.head = json_print(head, &answer.head_len);
	answer.payload = payload.data;
	answer.payload_len = payload.len;
	good = good && notify_frame_add(out, NOTIFY_PRESENCE, &answer);
	json_free(head);
	buf_done(&payload);
	return good;
}

bool hub_question_answer(struct hub_users *users,
			 const struct notify_frame *question, struct buf *out)
{
	struct notify_parts parts;
	struct json_object *head = NULL;
	bool good;

	notify_frame_split(question, &parts);
	good = json_parse(parts.head, parts.head_len, JSON_OURS(QUESTION_DEPTH),
			  &head) == JSON_OK &&
	       json_is_object(head) && add_answer(users, head, &parts, out);
	json_free(head);
	return good;
}
