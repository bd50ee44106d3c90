/*
 * refusals - THE table of what is refused: the stable word, the status of
 * HTTP, and words for people. REST, sockets, the calls between the programs,
 * nginx's own errors and the page read it.
 */
#ifndef REFUSALS_H
#define REFUSALS_H

enum refusal {
	/* what the request alone shows */
	REFUSAL_INVALID,
	REFUSAL_BAD_ADDRESS,
	REFUSAL_INVALID_JSON,
	REFUSAL_NO_OBJECT,
	REFUSAL_TOO_DEEP,
	REFUSAL_UNKNOWN_EVENT,
	REFUSAL_COMMON_PASSWORD,
	REFUSAL_SELF,
	/* who asks */
	REFUSAL_UNAUTHORIZED,
	REFUSAL_SESSION_EXPIRED,
	REFUSAL_INVALID_CREDENTIALS,
	REFUSAL_FORBIDDEN,
	REFUSAL_OPERATORS_ONLY,
	REFUSAL_NO_GUESTS,
	REFUSAL_DISABLED,
	REFUSAL_WRONG_PASSWORD,
	REFUSAL_REGISTRATION_CLOSED,
	REFUSAL_GUESTS_CLOSED,
	REFUSAL_MUTED,
	REFUSAL_BLOCKED,
	/* what there is */
	REFUSAL_NOT_FOUND,
	REFUSAL_NO_SUCH_PATH,
	REFUSAL_METHOD,
	REFUSAL_TAKEN,
	REFUSAL_CLIENT_ID_REUSED,
	REFUSAL_GROUP_FULL,
	REFUSAL_ADD_DECLINED,
	REFUSAL_NOT_MEMBER,
	REFUSAL_LAST_OPERATOR,
	REFUSAL_BLOCKING,
	REFUSAL_TOO_MANY_BLOCKS,
	REFUSAL_LINK_REVOKED,
	REFUSAL_LINK_EXPIRED,
	/* the size and form of the request */
	REFUSAL_SLOW_REQUEST,
	REFUSAL_NO_LENGTH,
	REFUSAL_PRECONDITION,
	REFUSAL_TOO_LARGE,
	REFUSAL_ADDRESS_TOO_LONG,
	REFUSAL_MEDIA_TYPE,
	REFUSAL_RANGE,
	REFUSAL_HEADERS_TOO_LARGE,
	REFUSAL_EMPTY_FILE,
	REFUSAL_INCOMPLETE,
	REFUSAL_QUOTA,
	/* how often */
	REFUSAL_RATE_LIMITED,
	REFUSAL_LOCKED,
	REFUSAL_TOO_MANY_SOCKETS,
	/* ours */
	REFUSAL_INTERNAL,
	REFUSAL_TRANSFER_ENCODING,
	REFUSAL_UNAVAILABLE,
	REFUSAL_STORE_UNAVAILABLE,
	REFUSAL_NO_SPACE,
	REFUSAL_OUTCOME_UNKNOWN,
	REFUSAL_HTTP_VERSION,
	REFUSAL_COUNT
};

struct refusal_row {
	const char *code;
	int status;
	const char *words;
};

const struct refusal_row *refusal_row(enum refusal refusal);

/* The first row of a code; REFUSAL_INTERNAL: there is none. */
enum refusal refusal_of_code(const char *code);

/* The words for a code: those of its first row, or some for any code. */
const char *refusal_words(const char *code);

#endif
