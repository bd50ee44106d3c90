#include "fcgi_record.h"

#include <string.h>

#include "buf.h"
#include "mem.h"

#define FCGI_VERSION_1 1
#define HEADER_SIZE 8
#define PADDING_MAX 255
#define RESPONDER 1
#define KEEP_CONNECTION 1
#define END_SIZE 8
#define LONG_LENGTH 0x80u

struct fcgi_decoder {
	size_t start; /* first byte not yet handed out */
	size_t end;   /* one past the last byte fed */
	bool malformed;
	uint8_t buf[HEADER_SIZE + FCGI_RECORD_CONTENT_MAX + PADDING_MAX];
};

struct fcgi_decoder *fcgi_decoder_new(void)
{
	return xcalloc(1, sizeof(struct fcgi_decoder));
}

void fcgi_decoder_free(struct fcgi_decoder *dec)
{
	free(dec);
}

size_t fcgi_decoder_feed(struct fcgi_decoder *dec, const void *data, size_t len)
{
	/* Unread bytes to the front: then a whole record always fits. */
	dec->end -= dec->start;
	memmove(dec->buf, dec->buf + dec->start, dec->end);
	dec->start = 0;

	size_t room = sizeof(dec->buf) - dec->end;
	size_t taken = len < room ? len : room;

	if (taken > 0)
		memcpy(dec->buf + dec->end, data, taken);
	dec->end += taken;
	return taken;
}

static uint16_t read16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t read32(const uint8_t *at)
{
	return (uint32_t)read16(at) << 16 | read16(at + 2);
}

static bool type_known(uint8_t type)
{
	return type >= FCGI_RECORD_BEGIN && type <= FCGI_RECORD_UNKNOWN;
}

enum fcgi_record_status fcgi_decoder_next(struct fcgi_decoder *dec,
					  struct fcgi_record *record)
{
	const uint8_t *head = dec->buf + dec->start;
	size_t unread = dec->end - dec->start;

	if (dec->malformed)
		return FCGI_RECORD_MALFORMED;
	if (unread < HEADER_SIZE)
		return FCGI_RECORD_NEED_MORE;
	if (head[0] != FCGI_VERSION_1 || !type_known(head[1])) {
		dec->malformed = true;
		return FCGI_RECORD_MALFORMED;
	}
	size_t len = read16(head + 4);
	size_t whole = HEADER_SIZE + len + head[6];

	if (unread < whole)
		return FCGI_RECORD_NEED_MORE;
	*record = (struct fcgi_record){
		.type = head[1],
		.id = read16(head + 2),
		.content = head + HEADER_SIZE,
		.len = len,
	};
	dec->start += whole;
	return FCGI_RECORD_ITEM;
}

bool fcgi_record_read_end(const struct fcgi_record *record,
			  uint32_t *application, uint8_t *protocol)
{
	if (record->type != FCGI_RECORD_END || record->len < END_SIZE)
		return false;
	*application = read32(record->content);
	*protocol = record->content[4];
	return true;
}

static void add_header(struct buf *out, enum fcgi_record_type type, uint16_t id,
		       size_t len)
{
	const uint8_t head[HEADER_SIZE] = {
		FCGI_VERSION_1,	     (uint8_t)type,	  (uint8_t)(id >> 8),
		(uint8_t)(id & 255), (uint8_t)(len >> 8), (uint8_t)(len & 255),
	};
	buf_add(out, head, sizeof(head));
}

void fcgi_record_add_begin(struct buf *out, uint16_t id, bool keep_connection)
{
	const uint8_t body[8] = {0, RESPONDER,
				 keep_connection ? KEEP_CONNECTION : 0};

	add_header(out, FCGI_RECORD_BEGIN, id, sizeof(body));
	buf_add(out, body, sizeof(body));
}

void fcgi_record_add_end(struct buf *out, uint16_t id, uint32_t application,
			 uint8_t protocol)
{
	const uint8_t body[END_SIZE] = {
		(uint8_t)(application >> 24),
		(uint8_t)(application >> 16 & 255),
		(uint8_t)(application >> 8 & 255),
		(uint8_t)(application & 255),
		protocol,
	};
	add_header(out, FCGI_RECORD_END, id, sizeof(body));
	buf_add(out, body, sizeof(body));
}

void fcgi_record_add(struct buf *out, enum fcgi_record_type type, uint16_t id,
		     const void *data, size_t len)
{
	const uint8_t *at = data;

	while (len > 0) {
		size_t part = len < FCGI_RECORD_CONTENT_MAX
				      ? len
				      : FCGI_RECORD_CONTENT_MAX;

		add_header(out, type, id, part);
		buf_add(out, at, part);
		at += part;
		len -= part;
	}
}

void fcgi_record_add_eof(struct buf *out, enum fcgi_record_type type,
			 uint16_t id)
{
	add_header(out, type, id, 0);
}

static void add_length(struct buf *out, size_t len)
{
	const uint8_t longer[4] = {
		(uint8_t)(LONG_LENGTH | (len >> 24 & 127)),
		(uint8_t)(len >> 16 & 255),
		(uint8_t)(len >> 8 & 255),
		(uint8_t)(len & 255),
	};
	if (len < LONG_LENGTH)
		buf_add(out, &longer[3], 1);
	else
		buf_add(out, longer, sizeof(longer));
}

void fcgi_param_add(struct buf *out, const char *name, const char *value)
{
	add_length(out, strlen(name));
	add_length(out, strlen(value));
	buf_adds(out, name);
	buf_adds(out, value);
}
