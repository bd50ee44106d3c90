#include "hub_log.h"

#include <stdio.h>
#include <string.h>

#include "decimal.h"
#include "frame_head.h"
#include "hub_base.h"
#include "hub_users.h"
#include "log.h"
#include "mem.h"

static bool good_name(const char *name)
{
	size_t len = strspn(name, "0123456789abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ-");

	return len > 0 && len < CLIENT_NAME_SIZE && name[len] == '\0';
}

void hub_log_name(struct client *client, const char *request_id)
{
	const struct hub_config *config = &client->base->config;
	char own[ID_SIZE];

	id_new(config->wall_ms(), config->random, own);
	snprintf(client->name, sizeof(client->name), "%s",
		 good_name(request_id) ? request_id : own);
}

void hub_log_request(struct client *client, char out[HUB_REQUEST_SIZE])
{
	char *at = stpcpy(out, client->name);

	*at++ = '.';
	*decimal_put(at, ++client->requests) = '\0';
}

static const char *user_of(const struct client *client)
{
	return client->user != NULL ? client->user->id : NULL;
}

void hub_log_client(const char *message, const struct client *client,
		    const char *code)
{
	const struct log_field fields[] = {
		LOG_TEXT("requestId", client->name),
		LOG_TEXT("userId", user_of(client)),
		LOG_TEXT("code", code),
	};

	log_event(code != NULL ? LOG_INFO : LOG_DEBUG, message, fields,
		  COUNT_OF(fields));
}

void hub_log_gone(const struct client *client, const char *reason)
{
	const struct log_field fields[] = {
		LOG_TEXT("requestId", client->name),
		LOG_TEXT("userId", user_of(client)),
		LOG_TEXT("reason", client->close_reason != NULL
					   ? client->close_reason
					   : reason),
	};

	log_event(LOG_DEBUG, "disconnected", fields, COUNT_OF(fields));
}

void hub_log_answer(const struct client *client, const char *event,
		    const char *request_id, const char *code)
{
	bool good = code[0] == '\0';
	const struct log_field fields[] = {
		LOG_TEXT("requestId", request_id),
		LOG_TEXT("event", event),
		LOG_TEXT("userId", user_of(client)),
		LOG_TEXT("code", good ? NULL : code),
	};

	log_event(good ? LOG_DEBUG : LOG_INFO, "answered", fields,
		  COUNT_OF(fields));
}

void hub_log_frame(const char *message, const struct frame_head *head,
		   uint64_t sent)
{
	struct log_field fields[6] = {
		LOG_TEXT("requestId", head->request),
		LOG_TEXT("conversationId", head->conversation),
		LOG_TEXT("userId", head->user),
	};
	size_t count = 3;

	if (head->seq > 0)
		fields[count++] =
			(struct log_field)LOG_NUMBER("seq", head->seq);
	if (head->change > 0)
		fields[count++] =
			(struct log_field)LOG_NUMBER("change", head->change);
	fields[count++] = (struct log_field)LOG_NUMBER("sent", (int64_t)sent);
	log_event(LOG_DEBUG, message, fields, count);
}
