#include "group_announce.h"

#include <string.h>

#include "announce.h"
#include "notify_frame.h"
#include "palabre_limits.h"
#include "room.h"
#include "view.h"

/* ---- who is in the room ---- */

static void announce_joined(struct buf *out, const struct group_news *news,
			    const char *room)
{
	const struct store_conversation *in = news->conversation;
	const char *contacts[LIMIT_MEMBERS_SHOWN];
	size_t count = 0;

	for (size_t i = 0;
	     in != NULL && in->members != NULL && i < in->member_count; i++)
		contacts[count++] = in->members[i].user_id;
	for (size_t i = 0; i < news->joined_count; i++)
		announce_join_with(out, news->joined[i], room, news->position,
				   contacts, count);
}

/* ---- to users by their own rooms ---- */

typedef void write_event(struct json_text *text, const struct group_news *news);

static void write_conversation(struct json_text *text,
			       const struct group_news *news)
{
	view_shared_conversation_write(text, NULL, news->conversation);
}

static void write_gone(struct json_text *text, const struct group_news *news)
{
	json_text_open(text, NULL, '{');
	json_text_word(text, "conversationId", news->id);
	json_text_close(text, '}');
}

static void announce_to(struct buf *out, const struct group_news *news,
			const char *const *rooms, size_t count,
			const char *name, write_event *write,
			const char *request_id)
{
	struct announce_frame frame;
	const struct announce_event event = {
		.rooms = rooms,
		.room_count = count,
		.conversation = news->id,
		.position = news->position,
		.request_id = request_id,
	};

	write(announce_event_begin(&frame, out, &event, name), news);
	announce_event_end(&frame);
}

static void announce_to_joined(struct buf *out, const struct group_news *news,
			       const char *request_id)
{
	char names[NOTIFY_ROOMS_MAX][ROOM_SIZE];
	const char *rooms[NOTIFY_ROOMS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < news->joined_count; i++) {
		room_of_user(news->joined[i], names[count]);
		rooms[count] = names[count];
		if (++count < NOTIFY_ROOMS_MAX && i + 1 < news->joined_count)
			continue;
		announce_to(out, news, rooms, count, "conversation:new",
			    write_conversation, request_id);
		count = 0;
	}
}

static void announce_left(struct buf *out, const struct group_news *news,
			  const char *room, const char *request_id)
{
	char name[ROOM_SIZE];
	const char *rooms[] = {name};

	if (news->left[0] == '\0')
		return;
	announce_leave(out, news->left, room, news->position);
	room_of_user(news->left, name);
	announce_to(out, news, rooms, 1, "conversation:gone", write_gone,
		    request_id);
}

void group_announce_members(struct buf *out, const struct group_news *news,
			    const char *request_id)
{
	char room[ROOM_SIZE];

	room_of_conversation(news->id, room);
	announce_joined(out, news, room);
	announce_left(out, news, room, request_id);
	if (news->conversation != NULL)
		announce_to_joined(out, news, request_id);
}

void group_announce_updated(struct buf *out, const struct group_news *news,
			    const char *request_id)
{
	char room[ROOM_SIZE];
	const char *rooms[] = {room};

	room_of_conversation(news->id, room);
	if (news->conversation != NULL)
		announce_to(out, news, rooms, 1, "conversation:updated",
			    write_conversation, request_id);
}

struct message_rendered group_announce(struct buf *out,
				       const struct group_news *news,
				       const char *request_id)
{
	struct message_rendered rendered;

	group_announce_members(out, news, request_id);
	rendered = message_announce_new(out, news->message, request_id);
	group_announce_updated(out, news, request_id);
	return rendered;
}
