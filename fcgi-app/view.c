#include "view.h"

#include <string.h>

#include "json.h"
#include "mem.h"
#include "user_view.h"

static const char *or_null(const char *id)
{
	return id[0] != '\0' ? id : NULL;
}

/* ---- people ---- */

static void people_add(struct view_people *people, struct json_object *user)
{
	if (people->count == people->cap) {
		people->cap = people->cap > 0 ? 2 * people->cap : 16;
		people->users = xrealloc(people->users,
					 people->cap * sizeof(*people->users));
		people->ids = xrealloc(people->ids,
				       people->cap * sizeof(*people->ids));
	}
	people->users[people->count] = user;
	people->ids[people->count] = json_text_of(json_any(user, "_id"));
	people->count++;
}

void view_people_done(struct view_people *people)
{
	free(people->users);
	free(people->ids);
	*people = (struct view_people){0};
}

void view_people_online(struct view_people *people, size_t index)
{
	json_put_string(people->users[index], "status", "online");
}

/* ---- messages ---- */

enum view_ticks view_ticks(const struct store_member *members, size_t count,
			   const char *sender, int64_t seq)
{
	enum view_ticks least = TICKS_READ;
	size_t others = 0;

	for (size_t i = 0; members != NULL && i < count; i++) {
		enum view_ticks one = members[i].read_seq >= seq ? TICKS_READ
				      : members[i].received_seq >= seq
					      ? TICKS_RECEIVED
					      : TICKS_SENT;

		if (strcmp(members[i].user_id, sender) == 0)
			continue;
		others++;
		if (one < least)
			least = one;
	}
	return others > 0 ? least : TICKS_SENT;
}

static const char *status_of(const struct store_message *message,
			     const struct store_conversation *in)
{
	static const char *const words[] = {
		[TICKS_SENT] = "sent",
		[TICKS_RECEIVED] = "received",
		[TICKS_READ] = "read",
	};

	if (in == NULL)
		return words[TICKS_SENT];
	return words[view_ticks(in->members, in->member_count, message->sender,
				message->seq)];
}

struct json_object *view_message(const struct store_message *message,
				 const struct store_conversation *conversation)
{
	struct json_object *out = json_new_object();

	json_put_string(out, "_id", message->id);
	json_put_string(out, "conversationId", message->conversation);
	json_put_int(out, "seq", message->seq);
	json_put_string(out, "kind", store_message_kind_name(message->kind));
	json_put_string(out, "sender", message->sender);
	json_put_string(out, "senderName", message->sender_name);
	json_put_string(out, "recipient", or_null(message->recipient));
	json_put_string(out, "content",
			message->deleted ? "" : message->content);
	json_put_time(out, "createdAt", message->created_at);
	json_put_string(out, "status", status_of(message, conversation));
	json_put_bool(out, "edited", message->edited);
	json_put_bool(out, "deleted", message->deleted);
	json_put_int(out, "change", message->change);
	json_put_string(out, "clientId", message->client_id);
	json_put_string(out, "replyTo", or_null(message->reply_to));
	json_put(out, "attachment", NULL);
	return out;
}

struct json_object *view_change(const struct store_change *change,
				const struct store_conversation *conversation)
{
	struct json_object *out = json_new_object();

	json_put_string(out, "conversationId", change->conversation);
	json_put_int(out, "change", change->change);
	json_put_string(out, "kind",
			change->kind == CHANGE_DELETE ? "delete" : "edit");
	json_put(out, "message", view_message(&change->message, conversation));
	return out;
}

const char *view_change_event(enum store_change_kind kind)
{
	return kind == CHANGE_DELETE ? "message:deleted" : "message:updated";
}

/* ---- conversations ---- */

static void put_reach(struct json_object *out, const struct store_member *of)
{
	json_put_int(out, "receivedSeq", of->received_seq);
	json_put_int(out, "readSeq", of->read_seq);
}

struct json_object *view_pointers(const struct store_conversation *in)
{
	struct json_object *out = json_new_array();

	for (size_t i = 0; in->members != NULL && i < in->member_count; i++) {
		struct json_object *one = json_new_object();

		json_put_string(one, "userId", in->members[i].user_id);
		put_reach(one, &in->members[i]);
		json_push(out, one);
	}
	return out;
}

static struct json_object *other_user(const struct store_conversation *in,
				      struct view_people *people)
{
	if (in->other == NULL)
		return NULL;

	struct json_object *out = user_view(in->other, false);

	if (people != NULL)
		people_add(people, out);
	return out;
}

static struct json_object *view_members(const struct store_conversation *in)
{
	if (in->members == NULL)
		return NULL;

	struct json_object *out = json_new_array();

	for (size_t i = 0; i < in->member_count; i++) {
		const struct store_member *member = &in->members[i];
		struct json_object *one = json_new_object();

		json_put_string(one, "userId", member->user_id);
		json_put_string(one, "role",
				member->owner ? "owner" : "member");
		json_put_int(one, "joinedSeq", member->joined_seq);
		put_reach(one, member);
		json_push(out, one);
	}
	return out;
}

struct json_object *view_conversation(const struct store_conversation *in,
				      struct view_people *people)
{
	struct json_object *out = json_new_object();

	json_put_string(out, "_id", in->id);
	json_put_string(out, "kind", store_conversation_kind_name(in->kind));
	json_put_string(out, "title", in->title != NULL ? in->title : "");
	json_put(out, "otherUser", other_user(in, people));
	json_put(out, "members", view_members(in));
	json_put(out, "lastMessage",
		 in->last_message != NULL ? view_message(in->last_message, in)
					  : NULL);
	json_put_int(out, "unread", in->last_seq - in->me.read_seq);
	json_put_int(out, "lastSeq", in->last_seq);
	json_put_int(out, "lastChange", in->last_change);
	put_reach(out, &in->me);
	json_put(out, "pointers", view_pointers(in));
	json_put_time(out, "updatedAt", in->updated_at);
	return out;
}

/* ---- pointers ---- */

struct json_object *view_pointer(const struct store_pointer *pointer)
{
	struct json_object *out = json_new_object();

	json_put_string(out, "conversationId", pointer->conversation);
	json_put_string(out, "userId", pointer->user_id);
	json_put_int(out, "receivedSeq", pointer->received_seq);
	json_put_int(out, "readSeq", pointer->read_seq);
	return out;
}

struct json_object *view_receipt(const struct store_pointer *pointer, bool read)
{
	/* Old clients look for the message under any of these names. */
	static const char *const ids[] = {"messageId", "_id", "id"};
	struct json_object *out = json_new_object();
	const char *newest =
		read ? pointer->read_message : pointer->received_message;

	for (size_t i = 0; i < COUNT_OF(ids); i++)
		json_put_string(out, ids[i], or_null(newest));
	json_put_string(out, "conversationId", pointer->conversation);
	json_put_string(out, "userId", pointer->user_id);
	if (read)
		json_put_int(out, "readSeq", pointer->read_seq);
	else
		json_put_int(out, "receivedSeq", pointer->received_seq);
	return out;
}
