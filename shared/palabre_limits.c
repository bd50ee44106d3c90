/* What has to hold between limits, so that to raise one alone does not build.
 */
#include "palabre_limits.h"

#include <assert.h>

#include "ids.h"
#include "notify_frame.h"

/* Of a code point: a pair of surrogates, each as \uXXXX. */
#define ESCAPED 12
/* "id":{"seq":9007199254740991,"change":9007199254740991}, */
#define SYNC_NAMED (ID_LEN + 56)

static_assert(LIMIT_BODY_MESSAGE >= ESCAPED * LIMIT_CONTENT + 8192,
	      "the longest message can be sent, however it is escaped");
static_assert(LIMIT_EVENT >= ESCAPED * LIMIT_CONTENT + 8192,
	      "over a socket, too");
/* An answer escapes what must be, as \uXXXX. */
static_assert(LIMIT_OUTBOX >= 6 * LIMIT_CONTENT + 16384,
	      "the longest message is no reason to close a socket");
static_assert(LIMIT_EVENT + 4096 <= NOTIFY_BODY_MAX,
	      "what an event carries fits into a command");
static_assert(LIMIT_BODY >= ESCAPED * (LIMIT_USERNAME + 2 * LIMIT_PASSWORD +
				       LIMIT_DISPLAY_NAME + LIMIT_STATUS_TEXT) +
				    6 * LIMIT_EMAIL + 2 * LIMIT_AVATAR,
	      "an account and a profile can be written");
static_assert(LIMIT_BODY_SYNC >= LIMIT_CONVERSATIONS * SYNC_NAMED + 4096,
	      "a sync can name every conversation of a list");
static_assert(LIMIT_SYNC_VALUES >= 3 * LIMIT_CONVERSATIONS + 3,
	      "in so many values");
static_assert(LIMIT_SYNC_TOTAL >= LIMIT_SYNC_CONVERSATION,
	      "what one conversation may miss fits into an answer");
static_assert(LIMIT_BODY <= LIMIT_BODY_MESSAGE &&
		      LIMIT_BODY_MESSAGE <= LIMIT_BODY_MOST,
	      "the web server lets through what a route takes");
static_assert(LIMIT_RT_BODY >= LIMIT_EVENT + 4096, "a call holds a command");
static_assert(LIMIT_ROOMS * (ID_LEN + 5) + LIMIT_CONTACTS * (ID_LEN + 3) +
			      8192 <=
		      NOTIFY_BODY_MAX,
	      "whoever is in so many rooms gets in");
static_assert(LIMIT_ONLINE_NAMED * (ID_LEN + 3) + 4096 <= NOTIFY_BODY_MAX,
	      "so many ids fit into a frame");
