#include "sio_packet.h"

#include <stdlib.h>
#include <string.h>

#include "decimal.h"
#include "json.h"
#include "json_grammar.h"
#include "json_string.h"
#include "mem.h"

/* What a type may carry. */
enum payload { NOTHING, OBJECT_OR_NOTHING, EVENT_ARRAY, ARRAY, REFUSED };

static const struct rule {
	enum payload payload;
	bool attachments;
	bool id_allowed, id_needed;
} rules[] = {
	[SIO_CONNECT] = {OBJECT_OR_NOTHING, false, false, false},
	[SIO_DISCONNECT] = {NOTHING, false, false, false},
	[SIO_EVENT] = {EVENT_ARRAY, false, true, false},
	[SIO_ACK] = {ARRAY, false, true, true},
	[SIO_CONNECT_ERROR] = {REFUSED, false, false, false},
	[SIO_BINARY_EVENT] = {EVENT_ARRAY, true, true, false},
	[SIO_BINARY_ACK] = {ARRAY, true, true, true},
};

/* Names the protocol keeps for the ends' own use. */
static const char *const reserved[] = {
	"connect",	 "connect_error", "disconnect",
	"disconnecting", "newListener",	  "removeListener",
};

struct cursor {
	const char *at, *end;
};

/* Digits up to max; -1 when there are none, -2 when they are too many. */
static int64_t read_number(struct cursor *cursor, int64_t max)
{
	int64_t number = -1;

	for (; cursor->at < cursor->end; cursor->at++) {
		if (*cursor->at < '0' || *cursor->at > '9')
			break;
		number = (number < 0 ? 0 : number) * 10 + (*cursor->at - '0');
		if (number > max)
			return -2;
	}
	return number;
}

static bool read_attachments(struct cursor *cursor, size_t max,
			     struct sio_packet *out)
{
	int64_t count = read_number(cursor, (int64_t)max);

	if (count < 1 || cursor->at == cursor->end || *cursor->at != '-')
		return false;
	cursor->at++;
	out->attachments_len = (size_t)count;
	return true;
}

static void read_namespace(struct cursor *cursor, struct sio_packet *out)
{
	const char *start = cursor->at;
	size_t left = (size_t)(cursor->end - start);

	out->nsp = "/";
	out->nsp_len = 1;
	if (left == 0 || *start != '/')
		return;
	const char *comma = memchr(start, ',', left);

	out->nsp = start;
	out->nsp_len = comma != NULL ? (size_t)(comma - start) : left;
	cursor->at = comma != NULL ? comma + 1 : cursor->end;
}

static bool packet_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const char *packet_skip_space(const char *at)
{
	while (packet_is_space(*at))
		at++;
	return at;
}

/* The rest of a valid JSON array from `at` on, without its bracket. */
static void cut_args(struct sio_packet *out, const char *at)
{
	const char *end = out->data + out->data_len;

	while (packet_is_space(end[-1]))
		end--;
	out->args = at;
	out->args_len = (size_t)(end - 1 - at);
}

static const char *behind_bracket(const struct sio_packet *packet)
{
	return packet_skip_space(packet->data) + 1;
}

/* The first element of a valid JSON array; false: it has none. */
static bool first_element(const struct sio_packet *packet, const char **text,
			  size_t *len)
{
	const char *start = packet_skip_space(behind_bracket(packet));
	const char *at;

	if (*start == '"') {
		for (at = start + 1; *at != '"'; at++)
			at += *at == '\\';
		at++;
	} else {
		at = start + strcspn(start, ",] \t\r\n");
	}
	*text = start;
	*len = (size_t)(at - start);
	return at > start;
}

/* What a string or a whole number, which is as good a name for
 * socket.io-parser, is called; NULL: any other value. */
static char *name_of(const char *text, size_t len)
{
	struct json_object *json;
	int64_t number;
	char *name = NULL;

	if (*text == '"') {
		name = xmalloc(len);
		if (json_grammar_paired(text, len) &&
		    json_string_read(text, len, name))
			return name;
		free(name);
		return NULL;
	}
	if (json_parse(text, len, JSON_OURS(0), &json) == JSON_OK &&
	    json_int_of(json, &number))
		name = xstrdup(json_print(json, NULL));
	json_free(json);
	return name;
}

static bool read_name(struct sio_packet *out, const char *text, size_t len)
{
	out->name = name_of(text, len);
	if (out->name == NULL)
		return false;
	out->name_len = strlen(out->name);
	for (size_t i = 0; i < COUNT_OF(reserved); i++) {
		if (strcmp(out->name, reserved[i]) == 0)
			return false;
	}
	return true;
}

static bool read_event(struct sio_packet *out)
{
	const char *text;
	size_t len;

	if (!first_element(out, &text, &len) || !read_name(out, text, len))
		return false;
	text = packet_skip_space(text + len);
	cut_args(out, text + (*text == ','));
	return true;
}

static bool starts_with(const struct sio_packet *packet, char bracket)
{
	return *packet_skip_space(packet->data) == bracket;
}

static bool payload_fits(enum payload wanted, struct sio_packet *out)
{
	switch (wanted) {
	case NOTHING:
	case REFUSED:
		return false;
	case OBJECT_OR_NOTHING:
		return starts_with(out, '{');
	case ARRAY:
		if (!starts_with(out, '['))
			return false;
		cut_args(out, behind_bracket(out));
		return true;
	case EVENT_ARRAY:
		return starts_with(out, '[') && read_event(out);
	}
	return false;
}

static bool placeholders_fit(struct json_object *value, size_t count);

static bool member_fits(const char *key, struct json_object *value, void *user)
{
	(void)key;
	return placeholders_fit(value, *(size_t *)user);
}

/* Every placeholder names an attachment that comes. Recursion is bounded by
 * SIO_JSON_DEPTH. */
static bool placeholders_fit(struct json_object *value, size_t count)
{
	bool truth = false;
	int64_t num;

	if (json_is_array(value)) {
		for (size_t i = 0; i < json_length(value); i++) {
			if (!placeholders_fit(json_at(value, i), count))
				return false;
		}
		return true;
	}
	if (!json_is_object(value))
		return true;
	if (json_get_bool(value, "_placeholder", &truth) == JSON_FOUND && truth)
		return json_get_int(value, "num", &num) == JSON_FOUND &&
		       num >= 0 && num < (int64_t)count;
	return json_each(value, member_fits, &count);
}

enum sio_packet_status sio_packet_read_head(const char *text, size_t len,
					    const struct sio_limits *limits,
					    struct sio_packet *out)
{
	struct cursor cursor = {text + 1, text + len};

	*out = (struct sio_packet){.id = -1};
	if (len == 0 || text[0] < '0' || text[0] > '6')
		return SIO_PACKET_UNKNOWN_TYPE;
	out->type = (enum sio_type)(text[0] - '0');
	const struct rule *rule = &rules[out->type];

	if (rule->attachments &&
	    !read_attachments(&cursor, limits->max_attachments, out))
		return SIO_PACKET_BAD_ATTACHMENTS;
	read_namespace(&cursor, out);
	out->id = read_number(&cursor, SIO_ACK_MAX);
	if (out->id == -2 || (out->id >= 0 && !rule->id_allowed) ||
	    (out->id < 0 && rule->id_needed))
		return SIO_PACKET_BAD_ID;
	out->data_len = (size_t)(cursor.end - cursor.at);
	if (out->data_len > 0)
		out->data = cursor.at;
	return SIO_PACKET_OK;
}

static enum sio_packet_status read_placeholders(const struct sio_packet *packet,
						struct json_bounds bounds)
{
	struct json_object *json;
	bool fit = json_parse(packet->data, packet->data_len, bounds, &json) ==
			   JSON_OK &&
		   placeholders_fit(json, packet->attachments_len);

	json_free(json);
	return fit ? SIO_PACKET_OK : SIO_PACKET_BAD_PLACEHOLDER;
}

enum sio_packet_status sio_packet_read_json(const struct sio_limits *limits,
					    struct sio_packet *packet)
{
	const struct rule *rule = &rules[packet->type];
	struct json_bounds bounds = {SIO_JSON_DEPTH, limits->max_values};

	if (packet->data_len == 0)
		return rule->payload == NOTHING ||
				       rule->payload == OBJECT_OR_NOTHING
			       ? SIO_PACKET_OK
			       : SIO_PACKET_BAD_PAYLOAD;
	switch (json_check(packet->data, packet->data_len, bounds)) {
	case JSON_OK:
		break;
	case JSON_TOO_MANY:
		return SIO_PACKET_TOO_MANY;
	default:
		return SIO_PACKET_BAD_PAYLOAD;
	}
	if (!payload_fits(rule->payload, packet))
		return SIO_PACKET_BAD_PAYLOAD;
	return rule->attachments ? read_placeholders(packet, bounds)
				 : SIO_PACKET_OK;
}

enum sio_packet_status sio_packet_read(const char *text, size_t len,
				       const struct sio_limits *limits,
				       struct sio_packet *out)
{
	enum sio_packet_status status =
		sio_packet_read_head(text, len, limits, out);

	return status == SIO_PACKET_OK ? sio_packet_read_json(limits, out)
				       : status;
}

void sio_packet_done(struct sio_packet *packet)
{
	free(packet->name);
	*packet = (struct sio_packet){.id = -1};
}

size_t sio_packet_head(char *out, enum sio_type type, size_t attachments,
		       const char *nsp, int64_t id)
{
	char *at = out;

	*at++ = (char)('0' + (int)type);
	if (rules[type].attachments) {
		at = decimal_put(at, (int64_t)attachments);
		*at++ = '-';
	}
	if (strcmp(nsp, "/") != 0) {
		at = stpcpy(at, nsp);
		*at++ = ',';
	}
	if (id >= 0)
		at = decimal_put(at, id);
	return (size_t)(at - out);
}
