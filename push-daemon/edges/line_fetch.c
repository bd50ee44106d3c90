#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "buf.h"
#include "crypt.h"
#include "json.h"
#include "line_person.h"
#include "mem.h"
#include "rest_call.h"

#define SENT_FROM "/palabre-files/" /* what nginx is told, for file_dir */

/* A file on its way to somebody: REST says whether they may have it, and where
 * its bytes are; a thread reads these, for a disk may be slow. */
struct line_fetch {
	uv_work_t work;
	struct line_person *person; /* NULL: gone */
	struct rest_call *call;
	char *name, *mime, *path;
	char *base64; /* NULL: it could not be read */
	char conversation[ID_SIZE];
	int64_t seq, size;
};

static void fetch_free(struct line_fetch *fetch)
{
	free(fetch->name);
	free(fetch->mime);
	free(fetch->path);
	free(fetch->base64);
	free(fetch);
}

/* With it, its message has arrived. */
static void fetch_finish(struct line_fetch *fetch)
{
	struct line_person *person = fetch->person;
	struct buf line;

	buf_init(&line, SIZE_MAX / 2);
	if (person != NULL) {
		person->fetch = NULL;
		if (fetch->base64 != NULL)
			buf_addf(&line, "%s%s|%s|%lld|%s\n", LINE_FILE_MARK,
				 fetch->name, fetch->mime,
				 (long long)fetch->size, fetch->base64);
		else
			buf_addf(&line, "[%s]\n", fetch->name);
		line_write_file(&person->line, line.data, line.len);
		line_receipts_add(person, fetch->conversation, fetch->seq);
	}
	buf_done(&line);
	fetch_free(fetch);
}

/* In a thread. */
static void read_bytes(uv_work_t *work)
{
	struct line_fetch *fetch = work->data;
	int fd = open(fetch->path, O_RDONLY | O_CLOEXEC);
	char *bytes = xmalloc((size_t)fetch->size + 1);
	ssize_t len = 0, more = 1;

	while (fd >= 0 && more > 0 && len <= fetch->size) {
		more = read(fd, bytes + len, (size_t)(fetch->size + 1 - len));
		len += more > 0 ? more : 0;
	}
	if (fd >= 0 && len == fetch->size)
		fetch->base64 = crypt_base64(bytes, (size_t)len);
	if (fd >= 0)
		close(fd);
	free(bytes);
}

static void were_read(uv_work_t *work, int status)
{
	(void)status;
	fetch_finish(work->data);
}

static void may_have_it(const struct rest_answer *answer, void *user)
{
	struct line_fetch *fetch = user;
	char *place = rest_answer_header(answer, "X-Accel-Redirect");

	fetch->call = NULL;
	if (answer->status != 200 || place == NULL ||
	    strncmp(place, SENT_FROM, strlen(SENT_FROM)) != 0) {
		fetch_finish(fetch);
	} else {
		fetch->path =
			xasprintf("%s/%s", fetch->person->edge->config.file_dir,
				  place + strlen(SENT_FROM));
		uv_queue_work(fetch->person->line.poll.loop, &fetch->work,
			      read_bytes, were_read);
	}
	free(place);
}

/* As a field of the line: nothing in it ends one. */
static char *field_of(const struct json_object *attachment, const char *key)
{
	const char *text = "";
	char *clean;

	json_get_string(attachment, key, &text);
	clean = line_text_clean(text);
	for (char *at = clean; *at != '\0'; at++) {
		if (*at == '|')
			*at = '_';
	}
	return clean;
}

bool line_fetch_waits(const struct line_person *person)
{
	const struct line_outbox *outbox = &person->line.outbox;

	return person->fetch != NULL ||
	       line_outbox_waiting(outbox) > outbox->max;
}

bool line_fetch_begin(struct line_person *person,
		      const struct json_object *message)
{
	struct json_object *attachment = NULL;
	const char *id = "", *conversation = "";
	struct rest_request request = {.method = "GET", .body = NULL};
	struct line_fetch *fetch;
	int64_t size = 0;
	char *target;

	json_get_object(message, "attachment", &attachment);
	json_get_string(attachment, "_id", &id);
	json_get_int(attachment, "size", &size);
	json_get_string(message, "conversationId", &conversation);
	if (!person->line.outbox.ends || line_fetch_waits(person) ||
	    person->token == NULL || !id_valid(id) || !id_valid(conversation) ||
	    size < 1 || size > LINE_FILE_BYTES)
		return false;
	fetch = xcalloc(1, sizeof(*fetch));
	fetch->work.data = fetch;
	fetch->person = person;
	fetch->size = size;
	fetch->name = field_of(attachment, "name");
	fetch->mime = field_of(attachment, "mime");
	memcpy(fetch->conversation, conversation, ID_SIZE);
	json_get_int(message, "seq", &fetch->seq);
	target = xasprintf("/api/files/%s", id);
	request.socket = person->edge->config.api_socket;
	request.target = target;
	request.token = person->token;
	request.address = person->line.address;
	fetch->call = rest_call_new(person->line.poll.loop, &request,
				    may_have_it, fetch);
	person->fetch = fetch;
	free(target);
	return true;
}

void line_fetch_cancel(struct line_person *person)
{
	struct line_fetch *fetch = person->fetch;

	if (fetch == NULL)
		return;
	person->fetch = NULL;
	fetch->person = NULL;
	if (fetch->call == NULL)
		return; /* a thread has it */
	rest_call_cancel(fetch->call);
	fetch_free(fetch);
}
