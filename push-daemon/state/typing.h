/*
 * typing - who is typing where, and when it is said to have stopped.
 */
#ifndef TYPING_H
#define TYPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct typing;
struct typing_entry;

/* Embedded in whatever may type: one socket. */
TAILQ_HEAD(typing_owner, typing_entry);

struct typing_config {
	int64_t stop_ms; /* without another typing */
	size_t max;	 /* so many at once */
	/* from stopped. room: where those are whom to tell. Borrowed. */
	void (*stopped)(const char *from, const char *conversation,
			const char *room, void *user);
	void *user;
};

struct typing *typing_new(const struct typing_config *config);
/* Says nothing to anyone; owners must not be used after. NULL: no-op. */
void typing_free(struct typing *typing);

void typing_owner_init(struct typing_owner *owner);

/* from types in conversation (both ids); false: too many do. */
bool typing_start(struct typing *typing, struct typing_owner *owner,
		  const char *from, const char *conversation, const char *room,
		  int64_t now_ms);

/* stopped() is called for those that had been typing ... */
void typing_stop(struct typing *typing, const char *from,
		 const char *conversation);
void typing_tick(struct typing *typing, int64_t now_ms);
/* ... and on the next tick for what owner typed. */
void typing_owner_gone(struct typing *typing, struct typing_owner *owner);

size_t typing_count(const struct typing *typing);

#endif
