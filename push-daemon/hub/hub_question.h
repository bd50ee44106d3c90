/*
 * hub_question - what workers ask on notify.sock: who is online.
 */
#ifndef HUB_QUESTION_H
#define HUB_QUESTION_H

#include <stdbool.h>

#include "notify_frame.h"

struct buf;
struct hub_users;

/* Appends the answer to a PRESENCE frame to out; false: it is malformed. */
bool hub_question_answer(struct hub_users *users,
			 const struct notify_frame *question, struct buf *out);

#endif
