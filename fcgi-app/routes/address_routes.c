/* /api/operator/blocks: networks that nobody may use for a time. */
#include "routes.h"

#include "address_block.h"
#include "announce.h"
#include "app.h"
#include "input.h"
#include "json.h"
#include "network.h"
#include "notify_client.h"
#include "operator_do.h"
#include "request.h"
#include "response.h"
#include "store.h"

/* ---- block ---- */

static bool read_block(const struct request *request, struct response *response,
		       const char **address, int64_t *seconds)
{
	if (!input_text_required(request, response, "address", address))
		return false;
	if (!address_block_is_address(*address))
		return input_refuse(response, "address",
				    "This is not an address of IPv4 or IPv6.");
	if (json_get_int(request->body, "seconds", seconds) == JSON_FOUND &&
	    *seconds > 0 && *seconds <= OPERATOR_TIME_MAX_S)
		return true;
	return input_refuse(response, "seconds",
			    "This is a number of seconds, a year at most.");
}

static struct json_object *block_view(const char *network, int64_t until)
{
	struct json_object *body = json_new_object();

	json_put_string(body, "network", network);
	json_put_time(body, "until", until);
	return body;
}

void route_address_block(struct app *app, const struct request *request,
			 struct response *response)
{
	char network[NETWORK_SIZE];
	const char *address;
	int64_t seconds = 0;
	struct store_deed deed = {.act = ACT_BLOCK, .detail = network};

	if (!read_block(request, response, &address, &seconds))
		return;
	network_of(address, network);
	deed.until = request->now_ms + seconds * 1000;
	if (!operator_do(app, request, response, &deed))
		return;
	address_block_changed(app);
	announce_revoke_network(notify_out(app->notify), network, "blocked",
				request->id);
	response_json(response, 201, block_view(network, deed.until));
}

/* ---- unblock ---- */

void route_address_unblock(struct app *app, const struct request *request,
			   struct response *response)
{
	char network[NETWORK_SIZE];
	const struct store_deed deed = {.act = ACT_UNBLOCK, .detail = network};

	network_of(request_param(request, "address"), network);
	if (!operator_do(app, request, response, &deed))
		return;
	address_block_changed(app);
	response_say(response, "It is not blocked any more.");
}

/* ---- which there are ---- */

static void push_block(const struct store_address_block *block, void *items)
{
	struct json_object *item = block_view(block->network, block->until);

	json_put_string(item, "by", block->by);
	json_put_time(item, "createdAt", block->at);
	json_push(items, item);
}

void route_address_list(struct app *app, const struct request *request,
			struct response *response)
{
	struct json_object *items = json_new_array();
	struct json_object *body = json_new_object();
	enum store_status status =
		store_address_blocks(app->store, request->now_ms,
				     ADDRESS_BLOCKS_MAX, push_block, items);

	json_put(body, "items", items);
	if (status == STORE_OK) {
		response_json(response, 200, body);
		return;
	}
	json_free(body);
	response_store_error(response, status);
}
