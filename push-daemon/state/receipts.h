/*
 * receipts - how far somebody has read or received, told at most once a second
 * per person, conversation and kind, and whether others are told.
 *
 *     sent --- a greater seq: waits, the greatest wins ---> sent a second later
 *       \----- nothing within the second -----------------> forgotten
 *
 * The first goes out at once and the last is never lost: pointers only grow,
 * so what is not greater than what was told says nothing new. Pure.
 */
#ifndef RECEIPTS_H
#define RECEIPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct delivery;
struct receipts;

enum receipt_kind { RECEIPT_RECEIVED, RECEIPT_READ };

struct receipts_config {
	int64_t pause_ms; /* between two of one kind */
	size_t max;	  /* remembered at once; others go out at once */
	/* Takes delivery. Must not call receipts. */
	void (*send)(struct delivery *delivery, void *user);
	void *user;
};

struct receipt {
	enum receipt_kind kind;
	const char *conversation, *user; /* ids */
	int64_t seq;
	bool own; /* nobody but that user is told */
};

struct receipts *receipts_new(const struct receipts_config *config);
void receipts_free(struct receipts *receipts); /* NULL: no-op */

/* Takes delivery, which tells of it: sends it (true), keeps or drops it. */
bool receipts_take(struct receipts *receipts, const struct receipt *receipt,
		   struct delivery *delivery, int64_t now_ms);
/* Sends what has waited long enough. */
void receipts_tick(struct receipts *receipts, int64_t now_ms);

size_t receipts_count(const struct receipts *receipts);

#endif
