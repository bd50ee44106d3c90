/*
 * store_reports - a person shows the operators a message that they see, who
 * never read where it stands.
 *
 * It and what was said before it are copied to the person's conversation with
 * support, each under the name of whoever wrote it, behind a message of kind
 * system that says who reports and why, and answering to that. Nobody changes
 * a copy; it stays when its original is edited or deleted, and goes with
 * whoever wrote it (store_erase.h). One
 * message is reported once by one person. Each report is a row of the audit.
 */
#ifndef STORE_REPORTS_H
#define STORE_REPORTS_H

#include "store_conversations.h"
#include "store_messages.h"

#define STORE_REPORT_BEFORE 4 /* messages that come along */

struct store_report {
	const char *message;
	const char *reason;	   /* "" for none */
	const char *reporter_name; /* as the message has its sender */
	int64_t now_ms;
};

struct store_reported {
	/* What says so, and where it stands, as of store_send(). duplicate: it
	 * was reported before; then there are no copies. */
	struct store_sent said;
	struct store_message copies[STORE_REPORT_BEFORE + 1];
	size_t count;
};
void store_reported_done(struct store_reported *reported);

/* ---- what every backend does alike ---- */

/* LIMIT_REPORTS are within that time. */
#define STORE_REPORTS_MS (INT64_C(24) * 3600 * 1000)

/* May the viewer report that message, which they see? */
bool store_report_may(const struct store_viewer *viewer,
		      const struct store_message *about);

/* The message that says so, without a place yet. Its texts are its own. */
void store_report_words(const struct store_viewer *viewer,
			const struct store_report *report,
			const struct store_message *about,
			struct store_message *out);

/* A message of it, or a copy, is one of the viewer's support, of that moment,
 * whatever it was before; it answers to nothing yet. id and seq stay. */
void store_report_place(const struct store_viewer *viewer,
			const struct store_report *report,
			struct store_message *message);

/* Whoever reports has read all of it: its last part is what somebody else
 * wrote. Once that has its seq. */
void store_report_marks(const struct store_viewer *viewer,
			struct store_reported *reported);

/* ---- verbs ---- */

struct store_report_verbs {
	enum store_status (*add)(struct store *, const struct store_viewer *,
				 const struct store_report *,
				 struct store_reported *);
	enum store_status (*list)(struct store *, const struct store_list *,
				  store_each_message *, void *);
};

/* NOT_FOUND: the viewer sees no such message. FORBIDDEN: it is their own, or
 * deleted, or of kind system, or in support already; or the viewer is an
 * operator. TOO_OFTEN: they reported LIMIT_REPORTS within a day. UNAVAILABLE,
 * too, while somebody is being erased. */
static inline enum store_status store_report(struct store *store,
					     const struct store_viewer *viewer,
					     const struct store_report *report,
					     struct store_reported *out)
{
	*out = (struct store_reported){.count = 0};

	enum store_status status =
		store->reports->add(store, viewer, report, out);

	if (status != STORE_OK)
		store_reported_done(out);
	return status;
}

/* What says so of each, newest first; list->before: one of them. */
static inline enum store_status store_reports(struct store *store,
					      const struct store_list *list,
					      store_each_message *each,
					      void *context)
{
	return store->reports->list(store, list, each, context);
}

#endif
