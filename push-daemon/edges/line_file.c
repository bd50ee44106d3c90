#include <stdlib.h>
#include <string.h>

#include "crypt.h"
#include "json.h"
#include "line_person.h"
#include "mem.h"

#define NAME_BYTES 1024 /* more than REST keeps of one */

static void kept(struct line_person *person, int status,
		 const struct json_object *body)
{
	const char *id = "";

	if (status == 201 && json_get_string(body, "_id", &id) == JSON_FOUND &&
	    id_valid(id)) {
		memcpy(person->file, id, ID_SIZE);
		line_ask_send_file(person);
		return;
	}
	line_tell(person, line_rest_words(body));
	line_ask_finish(person);
}

/* The last component of whatever path it was. */
static const char *base_of(const char *name)
{
	for (const char *at = name; *at != '\0'; at++) {
		if (*at == '/' || *at == '\\')
			name = at + 1;
	}
	return *name != '\0' ? name : "file";
}

static void refuse(struct line_person *person, const char *why)
{
	line_tell(person, why);
	line_ask_finish(person);
}

void line_file_take(struct line_person *person, const char *name,
		    const char *base64)
{
	size_t room = strlen(base64) / 4 * 3 + 3;
	char *bytes;
	long len;

	name = base_of(name);
	if (strlen(name) > NAME_BYTES) {
		refuse(person, "That file's name is too long.");
		return;
	}
	bytes = xmalloc(room);
	len = crypt_unbase64(base64, bytes, room);
	if (len > 0 && len <= LINE_FILE_BYTES) {
		line_rest_upload(person, name, bytes, (size_t)len, kept);
	} else {
		refuse(person, len < 0 ? "That file cannot be read."
				       : "A file has 1 byte to 2 MiB.");
	}
	free(bytes);
}
