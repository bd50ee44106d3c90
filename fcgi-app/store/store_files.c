#include "store_files.h"

#include <string.h>

#include "json_text.h"

char *store_file_attachment(const struct store_file *file)
{
	struct json_text text;

	json_text_init(&text);
	json_text_open(&text, NULL, '{');
	json_text_word(&text, "_id", file->id);
	json_text_string(&text, "name", file->name);
	json_text_string(&text, "mime", file->mime);
	json_text_int(&text, "size", file->size);
	if (store_file_is_picture(file)) {
		json_text_int(&text, "width", file->width);
		json_text_int(&text, "height", file->height);
		json_text_bool(&text, "preview", file->preview);
	}
	if (file->duration_ms > 0)
		json_text_int(&text, "duration", file->duration_ms);
	json_text_close(&text, '}');

	char *json = buf_take(&text.buf);

	json_text_done(&text);
	return json;
}

void store_file_id_of(const char *attachment, char out[ID_SIZE])
{
	memcpy(out, attachment + strlen("{\"_id\":\""), ID_SIZE - 1);
	out[ID_SIZE - 1] = '\0';
}
