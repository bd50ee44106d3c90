/*
 * fcgi_record - the records of FastCGI 1.0 (https://fastcgi-archives.github.io/
 * FastCGI_Specification.html, sections 3.3 and 5).
 *
 *     offset  size  field
 *          0     1  version, 1
 *          1     1  type (enum fcgi_record_type)
 *          2     2  request id, big endian
 *          4     2  content length, big endian
 *          6     1  padding length
 *          7     1  reserved
 *          8   len  content, then padding
 *
 * Pure codec, both directions: a client writes requests and reads answers; the
 * tests' own server does the reverse.
 */
#ifndef FCGI_RECORD_H
#define FCGI_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FCGI_RECORD_CONTENT_MAX 65535

struct buf;

enum fcgi_record_type {
	FCGI_RECORD_BEGIN = 1, /* web server -> application */
	FCGI_RECORD_ABORT = 2,
	FCGI_RECORD_END = 3, /* application -> web server */
	FCGI_RECORD_PARAMS = 4,
	FCGI_RECORD_STDIN = 5,
	FCGI_RECORD_STDOUT = 6,
	FCGI_RECORD_STDERR = 7,
	FCGI_RECORD_DATA = 8,
	FCGI_RECORD_GET_VALUES = 9,
	FCGI_RECORD_VALUES = 10,
	FCGI_RECORD_UNKNOWN = 11,
};

/* protocolStatus of END: 0 is the good one. */
enum fcgi_record_protocol {
	FCGI_RECORD_COMPLETE = 0,
	FCGI_RECORD_CANT_MULTIPLEX = 1,
	FCGI_RECORD_OVERLOADED = 2,
	FCGI_RECORD_UNKNOWN_ROLE = 3,
};

/* The content is borrowed: whoever filled the struct says for how long. */
struct fcgi_record {
	enum fcgi_record_type type;
	uint16_t id;
	const uint8_t *content;
	size_t len;
};

enum fcgi_record_status {
	FCGI_RECORD_ITEM,      /* *record was filled in */
	FCGI_RECORD_NEED_MORE, /* feed more bytes, then ask again */
	FCGI_RECORD_MALFORMED, /* final: drop the peer */
};

struct fcgi_decoder;

/* Never returns NULL. The caller frees it; freeing NULL is a no-op. */
struct fcgi_decoder *fcgi_decoder_new(void);
void fcgi_decoder_free(struct fcgi_decoder *dec);

/* Copy up to len bytes in; answers how many: at least one after NEED_MORE. */
size_t fcgi_decoder_feed(struct fcgi_decoder *dec, const void *data,
			 size_t len);
/* record->content stays valid until the next call on dec. */
enum fcgi_record_status fcgi_decoder_next(struct fcgi_decoder *dec,
					  struct fcgi_record *record);

/* The two statuses of an END record; false: too short to be one. */
bool fcgi_record_read_end(const struct fcgi_record *record,
			  uint32_t *application, uint8_t *protocol);

/* Append to out, whose overflow flag tells of a full buffer. */
void fcgi_record_add_begin(struct buf *out, uint16_t id, bool keep_connection);
void fcgi_record_add_end(struct buf *out, uint16_t id, uint32_t application,
			 uint8_t protocol);
/* As many records as the data need; none for no data. */
void fcgi_record_add(struct buf *out, enum fcgi_record_type type, uint16_t id,
		     const void *data, size_t len);
/* The empty record that ends a stream of that type. */
void fcgi_record_add_eof(struct buf *out, enum fcgi_record_type type,
			 uint16_t id);

/* One pair of a PARAMS stream, to be wrapped by fcgi_record_add(). */
void fcgi_param_add(struct buf *out, const char *name, const char *value);

#endif
