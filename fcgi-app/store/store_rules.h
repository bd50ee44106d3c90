/*
 * store_rules - what every backend decides alike of messages, of how far people
 * have read and of what they keep for themselves: from what it has found, and
 * before it writes. None of these asks a database anything.
 */
#ifndef STORE_RULES_H
#define STORE_RULES_H

#include "store_conversations.h"
#include "store_messages.h"
#include "store_own.h"

/* ---- messages ---- */

/* What the viewer sees of it: of one that is hidden from them that something is
 * there. Takes texts away, and frees none. */
void store_message_show(struct store_message *message, const char *viewer);

/* ---- a send ---- */

/* Whose support conversation is meant; NULL: none is. */
const char *store_send_client(const struct store_send *send,
			      const struct store_viewer *viewer);
/* A guest to somebody, where that is not allowed. */
bool store_send_guest_strays(const struct store_send *send,
			     const struct store_viewer *viewer,
			     enum store_conversation_kind kind);
/* The message as it is answered. Its id, conversation, recipient, client, seq
 * and conversation_kind are there already; its attachment and mentions are
 * another's to give. */
void store_send_fill(const struct store_send *send,
		     const struct store_viewer *viewer,
		     struct store_message *message);
/* Has the sender passed messages that they had not read? Of operators it is
 * said at any rate: who hears what is in support does not know who of those
 * that wrote it is one. */
bool store_send_passes(const struct store_member *sender, int64_t last_seq);
/* The sender's marks, who was there before; the message is filled. */
void store_send_mark(const struct store_member *sender, int64_t last_seq,
		     struct store_sent *out);

/* ---- an edit or a deletion ---- */

/* A copy for a report is nobody's to change: that is for the backend to know.
 */
bool store_edit_may(const struct store_edit *edit,
		    const struct store_viewer *viewer,
		    const struct store_message *message, bool deleted);
/* Is it hidden from the other one of a direct conversation? Whoever blocks the
 * editor goes on seeing what was there before; of what was hidden from the
 * beginning they see nothing anyway. */
bool store_edit_hides(const struct store_edit *edit,
		      const struct store_message *message, bool blocks);
/* The number of the change that did the very same before, of those that edited
 * and deleted it last (0: none); 0: none did. mentions: the edit's. */
int64_t store_edit_earlier(const struct store_edit *edit, const char *mentions,
			   const struct store_message *message, int64_t edited,
			   int64_t deleted);
/* What it says from now on to who sees the change, and its mentions in *named,
 * both borrowed; NULL: what it said. mentions: the edit's. splits: before or
 * after it the other one reads something else than the editor. */
const char *store_edit_text(const struct store_edit *edit, const char *mentions,
			    const struct store_message *message, bool splits,
			    const char **named);
/* Folds change number out->change into out->message, which takes *mentions. */
void store_edit_fold(const struct store_edit *edit, char **mentions,
		     struct store_change *out);

/* ---- a reaction ---- */

/* first: the seq from which on the viewer sees messages, 0: none. blocks: they
 * block the other one of a direct conversation. */
enum store_status store_reaction_may(const struct store_reaction *reaction,
				     const struct store_viewer *viewer,
				     const struct store_message *message,
				     int64_t first, bool blocks);

/* ---- read marks ---- */

/* Where they are after that, never back and never behind last_seq. */
void store_marks_reach(const struct store_member *before,
		       const struct store_reach *reach, int64_t last_seq,
		       struct store_read_marks *out);

/* ---- one's own matters ---- */

/* Would it be pinned by that, so that LIMIT_PINNED has to be looked at? */
bool store_own_pins(const struct store_own *own,
		    const struct store_own_change *change);
/* Whether anything is otherwise now; its draft is its own. newest: the
 * last seq that they see, where the change asks for it, else anything. */
bool store_own_asks(const struct store_own_change *change);
bool store_own_apply(struct store_own *own,
		     const struct store_own_change *change, int64_t newest);

#endif
