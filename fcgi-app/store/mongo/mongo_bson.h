/*
 * mongo_bson - documents, written down as they look, and read by name.
 *
 *	DOC(ID("_id", user), SUB("$max", INT("lastSeen", at)))
 *
 * A document is a constant list of fields, which borrows what it names and
 * lives as long as the block that it is written in. Ids are 24 digits on our
 * side and ObjectIds on disk, which sort the same; whole numbers are int64.
 */
#ifndef MONGO_BSON_H
#define MONGO_BSON_H

#include <bson/bson.h>

#include "store_types.h"

struct mongo_field {
	const char *name; /* NULL: the end of the document */
	enum {
		FIELD_ID,
		FIELD_IDS,
		FIELD_INT,
		FIELD_BOOL,
		FIELD_TEXT,
		FIELD_TEXTS,
		FIELD_BYTES,
		FIELD_DOC,
		FIELD_ARRAY,
		FIELD_DOCS,
		FIELD_BSON,
		FIELD_ALL,
		FIELD_NULL,
		FIELD_NONE,
	} type;
	union {
		const char *text;
		const char *const *texts;
		int64_t number;
		const uint8_t *bytes;
		const struct mongo_field *fields;
		const bson_t *bson;
		const bson_t *const *docs;
	};
	size_t count; /* of texts, bytes or docs */
};

/* A text that is no id is the id of nothing: it is kept as "", which finds
 * nobody and reads as "". */
#define ID(n, t) ((struct mongo_field){(n), FIELD_ID, .text = (t)})
#define INT(n, i) ((struct mongo_field){(n), FIELD_INT, .number = (int64_t)(i)})
#define BOOL(n, b) ((struct mongo_field){(n), FIELD_BOOL, .number = (b)})
/* NULL is null: to leave the field out is TEXT_IF. */
#define TEXT(n, t) ((struct mongo_field){(n), FIELD_TEXT, .text = (t)})
#define NONE ((struct mongo_field){"", FIELD_NONE, .number = 0})
#define IF(condition, field) ((condition) ? (field) : NONE)
#define TEXT_IF(n, t) IF((t) != NULL, TEXT(n, t))
#define ID_IF(n, t) IF((t) != NULL && *(t) != '\0', ID(n, t))
#define BYTES(n, d, l)                                                         \
	((struct mongo_field){(n), FIELD_BYTES, .bytes = (d), .count = (l)})
#define NOTHING(n) ((struct mongo_field){(n), FIELD_NULL, .number = 0})
/* Of c ids or texts, as for $in. */
#define IDS(n, t, c)                                                           \
	((struct mongo_field){(n), FIELD_IDS, .texts = (t), .count = (c)})
#define TEXTS(n, t, c)                                                         \
	((struct mongo_field){(n), FIELD_TEXTS, .texts = (t), .count = (c)})
/* A document in it; an array, of fields whose names do not matter (""); an
 * array of c documents that are made already; one such. */
#define SUB(n, ...)                                                            \
	((struct mongo_field){(n), FIELD_DOC, .fields = DOC(__VA_ARGS__)})
#define ARRAY(n, ...)                                                          \
	((struct mongo_field){(n), FIELD_ARRAY, .fields = DOC(__VA_ARGS__)})
#define DOCS(n, d, c)                                                          \
	((struct mongo_field){(n), FIELD_DOCS, .docs = (d), .count = (c)})
/* A document that stands elsewhere; NULL: an empty one. */
#define FIELDS(n, f) ((struct mongo_field){(n), FIELD_DOC, .fields = (f)})
#define FIELDS_IF(n, f) IF((f) != NULL, FIELDS(n, f))
#define BSON(n, b) ((struct mongo_field){(n), FIELD_BSON, .bson = (b)})
/* All fields of one that was made already; NULL: none. */
#define ALL(b) ((struct mongo_field){"", FIELD_ALL, .bson = (b)})
#define DOC(...)                                                               \
	((const struct mongo_field[]){                                         \
		__VA_ARGS__ __VA_OPT__(, ){NULL, FIELD_NONE, .number = 0}})

/* As a bson_t, for bson_destroy(); or behind what is in one. */
bson_t *mongo_bson(const struct mongo_field *doc);
void mongo_bson_add(bson_t *to, const struct mongo_field *doc);

/* ---- reading: a name may be a path ("last.seq") ---- */

bool mongo_has(const bson_t *row, const char *name); /* and is not null */
/* "" where there is none. */
void mongo_read_id(const bson_t *row, const char *name, char out[ID_SIZE]);
/* Any number, or true; 0 where there is none. */
int64_t mongo_read_int(const bson_t *row, const char *name);
bool mongo_read_bool(const bson_t *row, const char *name);
/* Borrowed from the row; NULL where there is none. */
const char *mongo_read_text(const bson_t *row, const char *name);
/* A copy for the caller to free; NULL where there is none. */
char *mongo_take_text(const bson_t *row, const char *name);
/* False: not that many, or none. */
bool mongo_read_bytes(const bson_t *row, const char *name, void *out,
		      size_t len);
/* A document or an array in it, borrowed from the row, never to be destroyed;
 * false: there is none, and out is empty. */
bool mongo_read_doc(const bson_t *row, const char *name, bson_t *out);

/* The elements of an array: each as a row (of documents), or an id.
 *
 *	struct mongo_items items;
 *
 *	mongo_items(row, "members", &items);
 *	while (mongo_item(&items))
 *		mongo_read_id(&items.row, "user", id);
 */
struct mongo_items {
	bson_iter_t iter;
	bool begun;
	bson_t row;	  /* empty, unless it is a document */
	char id[ID_SIZE]; /* "", unless it is an id */
};
void mongo_items(const bson_t *row, const char *name, struct mongo_items *out);
bool mongo_item(struct mongo_items *items);
size_t mongo_items_count(const bson_t *row, const char *name);

#endif
