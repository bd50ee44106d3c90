#include "refusals.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

static const struct refusal_row rows[REFUSAL_COUNT] = {
	[REFUSAL_INVALID] = {"invalid", 400, "This could not be understood."},
	[REFUSAL_BAD_ADDRESS] = {"invalid", 400, "The address is malformed."},
	[REFUSAL_INVALID_JSON] = {"invalid_json", 400,
				  "The body is not valid JSON."},
	[REFUSAL_NO_OBJECT] = {"invalid_json", 400,
			       "A JSON object is required."},
	[REFUSAL_TOO_DEEP] = {"too_deep", 400,
			      "The JSON is nested too deeply."},
	[REFUSAL_UNKNOWN_EVENT] = {"unknown_event", 404,
				   "There is no such event."},

	[REFUSAL_COMMON_PASSWORD] = {"common_password", 400,
				     "This is one of the passwords that are "
				     "tried first."},

	[REFUSAL_UNAUTHORIZED] = {"unauthorized", 401, "Please sign in."},
	[REFUSAL_SESSION_EXPIRED] = {"session_expired", 401,
				     "Your session is over. Please sign in "
				     "again."},
	[REFUSAL_INVALID_CREDENTIALS] = {"invalid_credentials", 401,
					 "Name or password is wrong."},
	[REFUSAL_FORBIDDEN] = {"forbidden", 403, "You may not do this."},
	[REFUSAL_OPERATORS_ONLY] = {"forbidden", 403,
				    "Only operators may do this."},
	[REFUSAL_NO_GUESTS] = {"forbidden", 403, "Guests may not do this."},
	[REFUSAL_DISABLED] = {"disabled", 403, "This account is disabled."},
	[REFUSAL_WRONG_PASSWORD] = {"wrong_password", 403,
				    "This is not your password."},

	[REFUSAL_REGISTRATION_CLOSED] = {"registration_closed", 403,
					 "New accounts are made by the "
					 "operator of this server."},

	[REFUSAL_GUESTS_CLOSED] = {"guests_closed", 403,
				   "This server takes no guests."},
	[REFUSAL_MUTED] = {"muted", 403,
			   "An operator has muted you for a while."},
	[REFUSAL_BLOCKED] = {"blocked", 403,
			     "This address is blocked for a while."},

	[REFUSAL_NOT_FOUND] = {"not_found", 404, "There is no such thing."},
	[REFUSAL_NO_SUCH_PATH] = {"not_found", 404, "There is nothing here."},
	[REFUSAL_METHOD] = {"method_not_allowed", 405,
			    "This method is not allowed here."},
	[REFUSAL_TAKEN] = {"taken", 409, "Somebody has this already."},
	[REFUSAL_CLIENT_ID_REUSED] = {"client_id_reused", 409,
				      "This was sent with other words before."},
	[REFUSAL_GROUP_FULL] = {"group_full", 409,
				"This group takes no more members."},
	[REFUSAL_TOO_MANY_PINNED] = {"too_many_pinned", 409,
				     "At most 5 conversations are pinned."},
	[REFUSAL_ADD_DECLINED] = {"add_declined", 403,
				  "Only people they have written with may add "
				  "them."},
	[REFUSAL_NOT_MEMBER] = {"not_member", 409,
				"Somebody who is mentioned is not in this "
				"conversation."},
	[REFUSAL_LAST_OPERATOR] = {"last_operator", 409,
				   "The last operator cannot go."},
	[REFUSAL_BLOCKING] = {"blocking", 403, "You have blocked this person."},
	[REFUSAL_TOO_MANY_BLOCKS] = {"too_many_blocks", 409,
				     "You block as many people as one can."},
	[REFUSAL_TOO_MANY_REACTIONS] = {"too_many_reactions", 409,
					"This message has as many different "
					"reactions as one can have."},
	[REFUSAL_LINK_REVOKED] = {"link_revoked", 410,
				  "This link was taken back."},
	[REFUSAL_LINK_EXPIRED] = {"link_expired", 410,
				  "This link has expired."},

	[REFUSAL_SLOW_REQUEST] = {"timeout", 408, "The request took too long."},
	[REFUSAL_NO_LENGTH] = {"invalid", 411,
			       "The length of the body is missing."},
	[REFUSAL_PRECONDITION] = {"invalid", 412, "This has changed."},
	[REFUSAL_TOO_LARGE] = {"too_large", 413, "This is too large."},
	[REFUSAL_ADDRESS_TOO_LONG] = {"too_large", 414,
				      "The address is too long."},
	[REFUSAL_MEDIA_TYPE] = {"unsupported_media_type", 415,
				"The body must be application/json."},
	[REFUSAL_FORM] = {"unsupported_media_type", 415,
			  "The body must be the file's bytes, not a form."},
	[REFUSAL_RANGE] = {"invalid", 416, "There is no such range."},
	[REFUSAL_HEADERS_TOO_LARGE] = {"too_large", 431,
				       "The headers are too large."},

	[REFUSAL_EMPTY_FILE] = {"invalid", 400, "The file is empty."},
	[REFUSAL_DAMAGED_PICTURE] = {"invalid", 400,
				     "This picture is damaged."},
	[REFUSAL_NO_PICTURE] = {"invalid", 400, "This file is no picture."},
	[REFUSAL_INCOMPLETE] = {"invalid", 400, "The body broke off."},
	[REFUSAL_QUOTA] = {"quota_exceeded", 413,
			   "Your files would take more room than you have."},

	[REFUSAL_RATE_LIMITED] = {"rate_limited", 429,
				  "This was too often. Please wait a moment."},
	[REFUSAL_LOCKED] = {"locked", 429,
			    "Too many wrong passwords. Please wait."},
	[REFUSAL_TOO_MANY_SOCKETS] = {"too_many_sockets", 429,
				      "Too many sockets"},

	[REFUSAL_INTERNAL] = {"internal", 500, "Something went wrong."},
	[REFUSAL_TRANSFER_ENCODING] = {"invalid", 501,
				       "This transfer encoding is not known."},
	[REFUSAL_UNAVAILABLE] = {"unavailable", 503,
				 "The service is not available. Please try "
				 "again."},
	[REFUSAL_STORE_UNAVAILABLE] = {"store_unavailable", 503,
				       "The message store is not available. "
				       "Please try again."},
	[REFUSAL_NO_SPACE] = {"no_space", 503,
			      "There is no room for the file."},
	[REFUSAL_NO_SPACE_FOR_BODY] = {"no_space", 503,
				       "There is no room for this."},
	[REFUSAL_OUTCOME_UNKNOWN] = {"outcome_unknown", 503,
				     "It is not known whether this was done. "
				     "Please try again."},
	[REFUSAL_HTTP_VERSION] = {"invalid", 505,
				  "This version of HTTP is not known."},
};

const struct refusal_row *refusal_row(enum refusal refusal)
{
	assert(refusal < REFUSAL_COUNT);
	return &rows[refusal];
}

/* REFUSAL_COUNT: none. */
static size_t refusal_find(const char *code)
{
	size_t at = 0;

	while (at < REFUSAL_COUNT && strcmp(rows[at].code, code) != 0)
		at++;
	return at;
}

enum refusal refusal_of_code(const char *code)
{
	size_t at = refusal_find(code);

	return at < REFUSAL_COUNT ? (enum refusal)at : REFUSAL_INTERNAL;
}

const char *refusal_words(const char *code)
{
	size_t at = refusal_find(code);

	return at < REFUSAL_COUNT ? rows[at].words : "This did not work.";
}
