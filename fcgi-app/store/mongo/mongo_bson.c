#include "mongo_bson.h"

#include <assert.h>
#include <string.h>

#include "mem.h"

/* ---- writing ---- */

static void bson_add_id(bson_t *to, const char *name, const char *text)
{
	uint8_t bytes[ID_BYTES];
	bson_oid_t id;

	if (text == NULL || !id_to_bytes(text, bytes)) {
		bson_append_utf8(to, name, -1, "", 0);
		return;
	}
	bson_oid_init_from_data(&id, bytes);
	bson_append_oid(to, name, -1, &id);
}

static void bson_add_text(bson_t *to, const char *name, const char *text)
{
	if (text == NULL)
		bson_append_null(to, name, -1);
	else
		bson_append_utf8(to, name, -1, text, -1);
}

static void bson_add_field(bson_t *to, const char *name,
			   const struct mongo_field *field);

/* Elements of an array are named by their numbers. */
static void bson_add_elements(bson_t *to, const char *name,
			      const struct mongo_field *field)
{
	const struct mongo_field *fields =
		field->type == FIELD_ARRAY ? field->fields : NULL;
	bson_t array;
	uint32_t n = 0;

	bson_append_array_begin(to, name, -1, &array);
	for (size_t i = 0;
	     fields != NULL ? fields[i].name != NULL : i < field->count; i++) {
		const char *key;
		char digits[16];

		if (fields != NULL && fields[i].type == FIELD_NONE)
			continue;
		bson_uint32_to_string(n++, &key, digits, sizeof(digits));
		if (fields != NULL)
			bson_add_field(&array, key, &fields[i]);
		else if (field->type == FIELD_IDS)
			bson_add_id(&array, key, field->texts[i]);
		else if (field->type == FIELD_TEXTS)
			bson_add_text(&array, key, field->texts[i]);
		else
			bson_append_document(&array, key, -1, field->docs[i]);
	}
	bson_append_array_end(to, &array);
}

static void bson_add_doc(bson_t *to, const char *name,
			 const struct mongo_field *fields)
{
	bson_t doc;

	bson_append_document_begin(to, name, -1, &doc);
	mongo_bson_add(&doc, fields);
	bson_append_document_end(to, &doc);
}

static void bson_add_field(bson_t *to, const char *name,
			   const struct mongo_field *field)
{
	switch (field->type) {
	case FIELD_ID:
		bson_add_id(to, name, field->text);
		break;
	case FIELD_INT:
		bson_append_int64(to, name, -1, field->number);
		break;
	case FIELD_BOOL:
		bson_append_bool(to, name, -1, field->number != 0);
		break;
	case FIELD_TEXT:
		bson_add_text(to, name, field->text);
		break;
	case FIELD_BYTES:
		bson_append_binary(to, name, -1, BSON_SUBTYPE_BINARY,
				   field->bytes, (uint32_t)field->count);
		break;
	case FIELD_DOC:
		bson_add_doc(to, name, field->fields);
		break;
	case FIELD_BSON:
		bson_append_document(to, name, -1, field->bson);
		break;
	case FIELD_ALL:
		if (field->bson != NULL)
			bson_concat(to, field->bson);
		break;
	case FIELD_NULL:
		bson_append_null(to, name, -1);
		break;
	case FIELD_IDS:
	case FIELD_TEXTS:
	case FIELD_ARRAY:
	case FIELD_DOCS:
		bson_add_elements(to, name, field);
		break;
	case FIELD_NONE:
		break;
	}
}

void mongo_bson_add(bson_t *to, const struct mongo_field *doc)
{
	for (; doc != NULL && doc->name != NULL; doc++)
		bson_add_field(to, doc->name, doc);
}

bson_t *mongo_bson(const struct mongo_field *doc)
{
	bson_t *bson = bson_new();

	mongo_bson_add(bson, doc);
	return bson;
}

/* ---- reading ---- */

static bool bson_find(const bson_t *row, const char *name, bson_iter_t *out)
{
	bson_iter_t iter;

	if (strchr(name, '.') == NULL)
		return bson_iter_init_find(out, row, name);
	return bson_iter_init(&iter, row) &&
	       bson_iter_find_descendant(&iter, name, out);
}

bool mongo_has(const bson_t *row, const char *name)
{
	bson_iter_t iter;

	return bson_find(row, name, &iter) && !BSON_ITER_HOLDS_NULL(&iter);
}

static void bson_id_of(const bson_iter_t *iter, char out[ID_SIZE])
{
	*out = '\0';
	if (BSON_ITER_HOLDS_OID(iter))
		id_from_bytes(bson_iter_oid(iter)->bytes, out);
}

void mongo_read_id(const bson_t *row, const char *name, char out[ID_SIZE])
{
	bson_iter_t iter;

	*out = '\0';
	if (bson_find(row, name, &iter))
		bson_id_of(&iter, out);
}

int64_t mongo_read_int(const bson_t *row, const char *name)
{
	bson_iter_t iter;

	return bson_find(row, name, &iter) ? bson_iter_as_int64(&iter) : 0;
}

bool mongo_read_bool(const bson_t *row, const char *name)
{
	return mongo_read_int(row, name) != 0;
}

const char *mongo_read_text(const bson_t *row, const char *name)
{
	bson_iter_t iter;

	return bson_find(row, name, &iter) && BSON_ITER_HOLDS_UTF8(&iter)
		       ? bson_iter_utf8(&iter, NULL)
		       : NULL;
}

char *mongo_take_text(const bson_t *row, const char *name)
{
	const char *text = mongo_read_text(row, name);

	return text != NULL ? xstrdup(text) : NULL;
}

bool mongo_read_bytes(const bson_t *row, const char *name, void *out,
		      size_t len)
{
	bson_iter_t iter;
	const uint8_t *bytes;
	bson_subtype_t subtype;
	uint32_t there;

	if (!bson_find(row, name, &iter) || !BSON_ITER_HOLDS_BINARY(&iter))
		return false;
	bson_iter_binary(&iter, &subtype, &there, &bytes);
	if (there != len)
		return false;
	memcpy(out, bytes, len);
	return true;
}

static bool bson_doc_of(const bson_iter_t *iter, bson_t *out)
{
	const uint8_t *bytes = NULL;
	uint32_t len = 0;

	if (BSON_ITER_HOLDS_DOCUMENT(iter))
		bson_iter_document(iter, &len, &bytes);
	else if (BSON_ITER_HOLDS_ARRAY(iter))
		bson_iter_array(iter, &len, &bytes);
	bson_init(out);
	return bytes != NULL && bson_init_static(out, bytes, len);
}

bool mongo_read_doc(const bson_t *row, const char *name, bson_t *out)
{
	bson_iter_t iter;

	bson_init(out);
	return bson_find(row, name, &iter) && bson_doc_of(&iter, out);
}

void mongo_items(const bson_t *row, const char *name, struct mongo_items *out)
{
	bson_iter_t iter;

	out->begun = bson_find(row, name, &iter) &&
		     BSON_ITER_HOLDS_ARRAY(&iter) &&
		     bson_iter_recurse(&iter, &out->iter);
}

bool mongo_item(struct mongo_items *items)
{
	if (!items->begun || !bson_iter_next(&items->iter))
		return false;
	bson_id_of(&items->iter, items->id);
	bson_doc_of(&items->iter, &items->row);
	return true;
}

size_t mongo_items_count(const bson_t *row, const char *name)
{
	bson_t array;

	return mongo_read_doc(row, name, &array) ? bson_count_keys(&array) : 0;
}
