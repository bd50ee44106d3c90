/* The head of a frame without a tree of it says what its tree says. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "json_flat.h"

#define STRINGS_MAX 100

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same_text(const struct json_flat *flat, const char *key,
		      const struct json_object *tree)
{
	const char *text = "", *wanted = "";
	enum json_field field = json_flat_string(flat, key, &text);

	assert(field == json_get_string(tree, key, &wanted));
	assert(strcmp(text, wanted) == 0);
	(void)field;
}

static void same_number(const struct json_flat *flat, const char *key,
			const struct json_object *tree)
{
	int64_t number = 1, wanted = 1;
	enum json_field field = json_flat_int(flat, key, &number);

	assert(field == json_get_int(tree, key, &wanted));
	assert(number == wanted);
	(void)field;
}

static void same_truth(const struct json_flat *flat, const char *key,
		       const struct json_object *tree)
{
	bool truth = false, wanted = false;
	enum json_field field = json_flat_bool(flat, key, &truth);

	assert(field == json_get_bool(tree, key, &wanted));
	assert(truth == wanted);
	(void)field;
}

static bool all_strings(const struct json_object *array)
{
	for (size_t i = 0; i < json_length(array); i++) {
		if (json_text_of(json_at(array, i)) == NULL)
			return false;
	}
	return json_length(array) <= STRINGS_MAX;
}

static void same_strings(const struct json_flat *flat, const char *key,
			 const struct json_object *tree)
{
	const char *texts[STRINGS_MAX];
	size_t count = 0;
	struct json_object *array = NULL;
	enum json_field wanted = json_get_array(tree, key, &array);
	enum json_field field =
		json_flat_strings(flat, key, texts, STRINGS_MAX, &count);

	if (wanted == JSON_FOUND && !all_strings(array))
		wanted = JSON_WRONG;
	assert(field == wanted);
	for (size_t i = 0; field == JSON_FOUND && i < count; i++)
		assert(strcmp(texts[i], json_text_of(json_at(array, i))) == 0);
	assert(field != JSON_FOUND || count == json_length(array));
}

static void same_tree(const struct json_flat *flat, const char *key,
		      struct json_object *wanted)
{
	struct json_object *tree = json_flat_tree(flat, key);

	assert((tree == NULL) == (wanted == NULL));
	assert(tree == NULL ||
	       strcmp(json_print(tree, NULL), json_print(wanted, NULL)) == 0);
	json_free(tree);
	(void)wanted;
}

struct sides {
	const struct json_flat *flat;
	const struct json_object *tree;
};

static bool same_member(const char *key, struct json_object *value, void *user)
{
	const struct sides *sides = user;

	same_text(sides->flat, key, sides->tree);
	same_number(sides->flat, key, sides->tree);
	same_truth(sides->flat, key, sides->tree);
	same_strings(sides->flat, key, sides->tree);
	same_tree(sides->flat, key, value);
	return true;
}

static size_t colons(const char *text, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += text[i] == ':';
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct json_flat flat;
	struct json_object *tree;
	bool good = json_flat_read(&flat, text, size);

	json_parse(text, size, JSON_OURS(JSON_FLAT_DEPTH), &tree);
	assert(good == json_is_object(tree) ||
	       (!good && colons(text, size) > JSON_FLAT_MEMBERS));
	if (good)
		json_each(tree, same_member, &(struct sides){&flat, tree});
	json_flat_done(&flat);
	json_free(tree);
	return 0;
}
