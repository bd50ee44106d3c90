#include "operator_do.h"

#include <string.h>

#include "app.h"
#include "request.h"
#include "response.h"

bool operator_do(struct app *app, const struct request *request,
		 struct response *response, const struct store_deed *deed)
{
	const struct store_viewer viewer = store_viewer_of(&request->user);
	struct store_deed dated = *deed;

	dated.now_ms = request->now_ms;

	enum store_status status =
		store_operator_act(app->store, &viewer, &dated);

	if (status != STORE_OK)
		response_store_error(response, status);
	return status == STORE_OK;
}

/* ---- looks ---- */

void operator_client(const struct store_conversation *support,
		     char out[ID_SIZE])
{
	out[0] = '\0';
	for (size_t i = 0; i < support->member_count; i++) {
		if (strcmp(support->members[i].user_id, ID_SERVER) != 0)
			memcpy(out, support->members[i].user_id, ID_SIZE);
	}
}

bool operator_sees(const struct store_viewer *viewer,
		   const struct store_conversation *conversation)
{
	return conversation->kind == CONVERSATION_SUPPORT &&
	       strcmp(conversation->me.user_id, viewer->id) != 0;
}

void operator_look(struct app *app, const struct store_viewer *viewer,
		   const struct store_conversation *conversation)
{
	if (operator_sees(viewer, conversation))
		operator_client(conversation, app->looked_at);
}

bool operator_look_up(struct app *app, const struct store_viewer *viewer,
		      const char *id, struct store_conversation *conversation,
		      struct response *response)
{
	enum store_status status =
		store_conversation_get(app->store, viewer, id, conversation);

	if (status == STORE_OK)
		operator_look(app, viewer, conversation);
	else
		response_store_error(response, status);
	return status == STORE_OK;
}

void operator_look_write(struct app *app, const struct request *request,
			 struct response *response)
{
	const struct store_deed look = {
		.act = ACT_MESSAGES,
		.user = app->looked_at,
	};

	if (app->looked_at[0] != '\0')
		operator_do(app, request, response, &look);
	app->looked_at[0] = '\0';
}
