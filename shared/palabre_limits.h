/*
 * palabre_limits - the sizes both programs and the pages agree on.
 */
#ifndef PALABRE_LIMITS_H
#define PALABRE_LIMITS_H

#include <stdint.h>

/* code points */
#define LIMIT_CONTENT 5000
#define LIMIT_USERNAME_MIN 3 /* guests may have 1 */
#define LIMIT_USERNAME 32
#define LIMIT_DISPLAY_NAME 64
#define LIMIT_TITLE 100 /* of a group */
#define LIMIT_STATUS_TEXT 140
#define LIMIT_QUERY 200	     /* of a search in messages */
#define LIMIT_REASON 500     /* why a message is reported */
#define LIMIT_PASSWORD_MIN 8 /* unless password_min says otherwise */
#define LIMIT_PASSWORD 128

/* bytes */
#define LIMIT_EMAIL 254	 /* RFC 5321 */
#define LIMIT_LOGIN 1024 /* either, however it is typed */
#define LIMIT_AVATAR 2048
#define LIMIT_CLIENT_ID 64
#define LIMIT_EMOJI 64
#define LIMIT_BODY (16 * 1024) /* of a request that asks for little */
#define LIMIT_BODY_MESSAGE (128 * 1024)
#define LIMIT_BODY_MEMBERS (64 * 1024)
#define LIMIT_BODY_SYNC (1024 * 1024)
#define LIMIT_BODY_MOST LIMIT_BODY_SYNC /* but what is streamed */
/* Where lists, pages and syncs end that have more items: with the one that
 * passes it. */
#define LIMIT_ANSWER (1024 * 1024)
#define LIMIT_EVENT (128 * 1024) /* what an event of a socket carries */
#define LIMIT_PACKET (LIMIT_EVENT + 1024) /* ... with its name and its head */
#define LIMIT_OUTBOX (64 * 1024) /* what waits for a socket: the least */
#define LIMIT_FILE (10 * 1024 * 1024)
#define LIMIT_FILE_GUEST (2 * 1024 * 1024)
#define LIMIT_RT_BODY (4 * 1024 * 1024) /* of one rt call */
#define LIMIT_RT_ANSWER (16 * 1024 * 1024)

/* counts */
#define LIMIT_JSON_DEPTH 8
#define LIMIT_JSON_VALUES 1000	/* of a request or an event */
#define LIMIT_SYNC_VALUES 50000 /* the same, of a sync */
#define LIMIT_PAGE 100
#define LIMIT_PAGE_DEFAULT 30
#define LIMIT_FINDS 30 /* of a search in messages, in one answer */
#define LIMIT_FINDS_DEFAULT 20
/* Of a seq: up to there every JSON reader keeps whole numbers exact. */
#define LIMIT_NUMBER ((INT64_C(1) << 53) - 1)
#define LIMIT_LOBBY 1000   /* messages of the lobby that are kept */
#define LIMIT_MEMBERS 1000 /* of a group */
#define LIMIT_MEMBERS_SHOWN 100
#define LIMIT_MENTIONS 50	    /* in a message */
#define LIMIT_REACTIONS 20	    /* kinds of them, of a message */
#define LIMIT_REACTION_USERS 20	    /* of each that are named */
#define LIMIT_SYNC_CONVERSATION 200 /* missed more: reset */
#define LIMIT_SYNC_TOTAL 500
#define LIMIT_CONVERSATIONS 1000 /* in a list, or named in a sync */
#define LIMIT_PINNED 5		 /* conversations of a user */
#define LIMIT_BLOCKS 1000	 /* people whom a user blocks */
#define LIMIT_REPORTS 20	 /* messages that a user reports in a day */
#define LIMIT_HIDDEN 10000	 /* the same, and who block them */
#define LIMIT_CONTACTS 1000	 /* of a user, who hear of their presence */
#define LIMIT_ROOMS 10000	 /* of a user, named in one answer to pushd */
#define LIMIT_BATCH 64		 /* commands in one rt call */
#define LIMIT_RT_ITEMS 1000	 /* users or sessions in one command */
#define LIMIT_RECENT 500	 /* events in one answer to `recent` */
#define LIMIT_ONLINE_NAMED 1000	 /* in pushd's answer to a worker */

#endif
