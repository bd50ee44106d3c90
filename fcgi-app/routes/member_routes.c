/*
 * GET /api/conversations/:id/members - who is in a group, also where there are
 * too many for the conversation itself to name them.
 */
#include "routes.h"

#include "app.h"
#include "input.h"
#include "json_text.h"
#include "palabre_limits.h"
#include "presence.h"
#include "request.h"
#include "response.h"
#include "store.h"
#include "view.h"

struct member_page {
	struct view_people people;
	size_t left;
	bool more;
};

static void member_write(const struct store_user *user,
			 const struct store_member *member, void *context)
{
	struct member_page *page = context;
	struct json_text *text = page->people.text;

	if (page->left == 0) {
		page->more = true;
		return;
	}
	page->left--;
	json_text_open(text, NULL, '{');
	view_user_write(&page->people, "user", user);
	json_text_word(text, "role", member->owner ? "owner" : "member");
	json_text_int(text, "joinedSeq", member->joined_seq);
	json_text_close(text, '}');
}

static enum store_status write_page(struct app *app,
				    const struct request *request,
				    const struct store_members *asked,
				    struct member_page *page)
{
	const struct store_viewer viewer = store_viewer_of(&request->user);
	struct json_text *text = page->people.text;
	struct store_members_found found;

	json_text_open(text, NULL, '{');
	json_text_open(text, "items", '[');

	enum store_status status = store_group_members(
		app->store, &viewer, request_param(request, "id"), asked,
		member_write, page, &found);

	json_text_close(text, ']');
	json_text_bool(text, "more", page->more);
	json_text_int(text, "total", found.total);
	json_text_word(text, "role", found.owner ? "owner" : "member");
	json_text_close(text, '}');
	return status;
}

static void members_answer(struct app *app, const struct request *request,
			   const struct store_members *asked,
			   struct response *response)
{
	struct member_page page = {.left = asked->limit - 1};

	presence_people_init(app, &request->user, &page.people,
			     response_body(response, 200));

	enum store_status status = write_page(app, request, asked, &page);

	if (status == STORE_OK)
		presence_ask(app, &page.people);
	else
		response_store_error(response, status);
	view_people_done(&page.people);
}

void route_group_members(struct app *app, const struct request *request,
			 struct response *response)
{
	static const struct input_number limits = {"limit", 1, LIMIT_PAGE,
						   LIMIT_PAGE_DEFAULT};
	struct store_members asked = {
		.text = request_query(request, "q"),
		.after = request_query(request, "after"),
	};
	int64_t limit;

	if (!id_valid(request_param(request, "id"))) {
		response_refuse(response, REFUSAL_NOT_FOUND);
		return;
	}
	if (!input_query_number(request, response, &limits, &limit))
		return;
	if (asked.after != NULL && !id_valid(asked.after)) {
		input_refuse(response, "after",
			     "An id has 24 hexadecimal digits.");
		return;
	}
	asked.limit = (size_t)limit + 1; /* one more: is there more? */
	members_answer(app, request, &asked, response);
}
