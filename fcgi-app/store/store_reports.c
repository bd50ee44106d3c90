#include "store_reports.h"

#include <string.h>

#include "mem.h"
#include "store_system.h"

void store_reported_done(struct store_reported *reported)
{
	store_sent_done(&reported->said);
	for (size_t i = 0; i < reported->count; i++)
		store_message_done(&reported->copies[i]);
	*reported = (struct store_reported){.count = 0};
}

bool store_report_may(const struct store_viewer *viewer,
		      const struct store_message *about)
{
	return viewer->role != ROLE_OPERATOR &&
	       strcmp(about->sender, viewer->id) != 0 &&
	       about->conversation_kind != CONVERSATION_SUPPORT &&
	       about->kind != MESSAGE_SYSTEM && !about->deleted;
}

/* It names whoever wrote it as the message does. */
static char *content_of(const struct store_report *report,
			const struct store_message *about)
{
	struct store_user who = {
		.username = about->sender_name,
		.display_name = about->sender_name,
	};
	struct store_system system;

	memcpy(who.id, about->sender, ID_SIZE);
	store_system_begin_report(&system, about->conversation_kind,
				  report->reason);
	store_system_user(&system, &who);
	return store_system_end(&system);
}

void store_report_words(const struct store_viewer *viewer,
			const struct store_report *report,
			const struct store_message *about,
			struct store_message *out)
{
	out->kind = MESSAGE_SYSTEM;
	memcpy(out->sender, viewer->id, ID_SIZE);
	out->sender_name = xstrdup(report->reporter_name);
	out->content = content_of(report, about);
}

void store_report_place(const struct store_viewer *viewer,
			const struct store_report *report,
			struct store_message *message)
{
	message->conversation_kind = CONVERSATION_SUPPORT;
	id_direct(viewer->id, ID_SERVER, message->conversation);
	memcpy(message->client, viewer->id, ID_SIZE);
	message->recipient[0] = message->reply_to[0] = '\0';
	message->created_at = report->now_ms;
	message->edited = message->hidden = message->unseen = false;
	message->change = 0;
}

void store_report_marks(const struct store_viewer *viewer,
			struct store_reported *reported)
{
	struct store_read_marks *marks = &reported->said.marks;

	marks->conversation_kind = CONVERSATION_SUPPORT;
	memcpy(marks->conversation, reported->said.message.conversation,
	       ID_SIZE);
	memcpy(marks->user_id, viewer->id, ID_SIZE);
	marks->received_seq = marks->read_seq =
		reported->copies[reported->count - 1].seq;
	marks->received_moved = marks->read_moved = true;
}
