/*
 * store_localnet - the store of localnetmessage, which Palabre takes the place
 * of: an SQLite file with two tables,
 *
 *     messages (id, client_id, type received|sent, sender, message,
 *               timestamp, read, created_at)
 *     files    (client_id, filename, mimetype, size, type, sender,
 *               file_path, timestamp)
 *
 * type is as its server saw it. It is only read. One that has no table files
 * is one without files.
 */
#ifndef STORE_LOCALNET_H
#define STORE_LOCALNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct localnet;

struct localnet_line {
	int64_t row; /* its number in its table */
	bool file;   /* of files; else of messages */
	bool known;  /* its type is one of the two */
	bool sent;   /* by the server; else by the client */
	bool read;
	bool dated; /* it says when it was written */
	int64_t at_ms;
	/* What the old store says of when, which is the same in each zone that
	 * this machine may be in, and at_ms is not. */
	char *when;
	/* Valid UTF-8; repaired: some of it was not. "" for none. */
	char *sender, *text;
	bool repaired;
	char *name, *path; /* of a file; path: as it was on the old machine */
};
/* False: no more of them. Texts are borrowed until it returns. */
typedef bool localnet_each(const struct localnet_line *line, void *context);

/* As it is at this moment, until it is freed. NULL, and one line in *error that
 * the caller frees. */
struct localnet *localnet_open(const char *path, char **error);
void localnet_free(struct localnet *old);

/* Lines of both tables that are of some client; and of none. */
size_t localnet_lines(const struct localnet *old);
size_t localnet_orphans(const struct localnet *old);

size_t localnet_clients(const struct localnet *old);
const char *localnet_client(const struct localnet *old, size_t client);

/* All of one client, the oldest first; at the same time by row, messages before
 * files. What is not dated was written when the row before it was. False: it
 * could not be read. */
bool localnet_each_line(struct localnet *old, size_t client,
			localnet_each *each, void *context);
const char *localnet_error(const struct localnet *old);

#endif
