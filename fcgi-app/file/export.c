#include "export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file_place.h"
#include "json.h"
#include "json_text.h"
#include "mem.h"
#include "palabre_limits.h"
#include "tar.h"
#include "user_view.h"
#include "view.h"

#define AT_ONCE 100	   /* files; and ids, at first */
#define PAGE 500	   /* messages in one file, ... */
#define PAGE_BYTES 4194304 /* ... unless they are long */
#define COPY_SIZE 65536

struct exporting {
	struct store *store;
	struct store_viewer viewer;
	const struct export_job *job;
	enum export_status status;
};

static bool goes_on(struct exporting *e, enum store_status status)
{
	if (status != STORE_OK && e->status == EXPORT_OK)
		e->status = EXPORT_STORE;
	return e->status == EXPORT_OK;
}

/* Of a conversation, which they may leave meanwhile: then without the rest. */
static bool goes_on_without(struct exporting *e, enum store_status status)
{
	return goes_on(e, status == STORE_NOT_FOUND ? STORE_OK : status);
}

/* ---- bytes ---- */

static void put(struct exporting *e, const char *data, size_t len)
{
	while (len > 0 && e->status == EXPORT_OK) {
		ssize_t done = write(e->job->fd, data, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			e->status = errno == ENOSPC || errno == EDQUOT
					    ? EXPORT_NO_SPACE
					    : EXPORT_FAILED;
			return;
		}
		data += done;
		len -= (size_t)done;
		if (e->job->moves != NULL)
			atomic_fetch_add(e->job->moves, 1);
	}
}

static void put_head(struct exporting *e, const char *name, int64_t size)
{
	char head[TAR_BLOCK];

	tar_head(name, size, e->job->now_ms, head);
	put(e, head, sizeof(head));
}

static void put_padding(struct exporting *e, int64_t size)
{
	static const char zeros[2 * TAR_BLOCK];

	put(e, zeros, (size_t)tar_padding(size));
}

/* Ends text. */
static void put_json(struct exporting *e, const char *name,
		     struct json_text *text)
{
	put_head(e, name, (int64_t)text->buf.len);
	put(e, text->buf.data, text->buf.len);
	put_padding(e, (int64_t)text->buf.len);
	json_text_done(text);
}

/* ---- account.json ---- */

static void add_blocked(const struct store_user *user, void *people)
{
	view_user_write(people, NULL, user);
}

static void put_account(struct exporting *e, const struct store_user *user)
{
	struct json_object *own = user_view_own(user, false);
	struct view_people people;
	struct json_text text;
	size_t len;
	const char *printed = json_print(own, &len);

	json_text_init(&text);
	json_text_open(&text, NULL, '{');
	json_text_bytes(&text, "user", printed, len);
	json_free(own);
	json_text_open(&text, "blocked", '[');
	view_people_init(&people, &text);
	goes_on(e, store_blocked(e->store, &e->viewer, add_blocked, &people));
	view_people_done(&people);
	json_text_close(&text, ']');
	json_text_close(&text, '}');
	put_json(e, "account.json", &text);
}

/* ---- conversations ---- */

struct page {
	struct json_text text;
	size_t count;
	int64_t last; /* seq */
};

static bool add_message(const struct store_message *message, void *context)
{
	struct page *page = context;

	view_message_write(&page->text, NULL, message, NULL);
	page->last = message->seq;
	return ++page->count < PAGE && page->text.buf.len < PAGE_BYTES;
}

/* Behind that seq; answers the last one, or 0. */
static int64_t put_page(struct exporting *e, const char *id, int64_t seq,
			int number)
{
	const struct store_range range = {seq + 1, LIMIT_NUMBER};
	struct page page = {.count = 0};
	char name[TAR_NAME_MAX + 1];

	json_text_init(&page.text);
	json_text_open(&page.text, NULL, '[');

	bool good =
		goes_on_without(e, store_messages(e->store, &e->viewer, id,
						  &range, add_message, &page));

	if (!good || page.count == 0) {
		json_text_done(&page.text);
		return 0;
	}
	json_text_close(&page.text, ']');
	snprintf(name, sizeof(name), "conversations/%s/%d.json", id, number);
	put_json(e, name, &page.text);
	return page.last;
}

struct ids {
	char (*list)[ID_SIZE];
	size_t count, cap;
};

static bool add_id(const struct store_conversation *conversation, void *context)
{
	struct ids *ids = context;

	if (ids->count == ids->cap) {
		ids->cap = ids->cap > 0 ? 2 * ids->cap : AT_ONCE;
		ids->list = xrealloc(ids->list, ids->cap * ID_SIZE);
	}
	memcpy(ids->list[ids->count++], conversation->id, ID_SIZE);
	return true;
}

static void put_description(struct exporting *e,
			    const struct store_conversation *conversation)
{
	char name[TAR_NAME_MAX + 1];
	struct view_people people;
	struct json_text text;

	json_text_init(&text);
	view_people_init(&people, &text);
	view_conversation_write(&people, NULL, conversation);
	view_people_done(&people);
	snprintf(name, sizeof(name), "conversations/%s/conversation.json",
		 conversation->id);
	put_json(e, name, &text);
}

static void put_conversation(struct exporting *e, const char *id)
{
	struct store_conversation conversation;
	enum store_status status =
		store_conversation_get(e->store, &e->viewer, id, &conversation);
	int64_t seq = 0;

	if (!goes_on_without(e, status) || status != STORE_OK)
		return;
	put_description(e, &conversation);
	store_conversation_done(&conversation);
	for (int number = 1; e->status == EXPORT_OK; number++) {
		seq = put_page(e, id, seq, number);
		if (seq == 0)
			return;
	}
}

/* Those of now, whatever becomes of their order meanwhile. */
static void put_conversations(struct exporting *e)
{
	struct ids ids = {.count = 0};

	goes_on(e,
		store_positions(e->store, &e->viewer, INT32_MAX, add_id, &ids));
	for (size_t i = 0; i < ids.count && e->status == EXPORT_OK; i++)
		put_conversation(e, ids.list[i]);
	free(ids.list);
}

/* ---- files ---- */

struct file_row {
	char id[ID_SIZE], hash[STORE_FILE_HASH_SIZE];
};

struct file_list {
	struct json_text *text;
	struct file_row row[AT_ONCE];
	size_t count;
};

static void add_file(const struct store_file *file, void *context)
{
	struct file_list *list = context;
	struct file_row *row = &list->row[list->count++];
	char *shown = store_file_attachment(file);

	memcpy(row->id, file->id, ID_SIZE);
	memcpy(row->hash, file->hash, STORE_FILE_HASH_SIZE);
	json_text_bytes(list->text, NULL, shown, strlen(shown));
	free(shown);
}

/* Exactly so many bytes, as the head has said. */
static void copy_bytes(struct exporting *e, int from, int64_t left)
{
	char *bytes = xcalloc(1, COPY_SIZE);

	while (left > 0 && e->status == EXPORT_OK) {
		size_t most = left < COPY_SIZE ? (size_t)left : COPY_SIZE;
		ssize_t got = read(from, bytes, most);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			e->status = EXPORT_FAILED;
			break;
		}
		put(e, bytes, (size_t)got);
		left -= got;
	}
	free(bytes);
}

/* One whose bytes are lost is in files.json all the same. */
static void put_file(struct exporting *e, const struct file_row *row)
{
	char path[FILE_PLACE_MAX], name[TAR_NAME_MAX + 1];
	struct stat found;
	int from = file_place(e->job->file_dir, row->hash, false, path)
			   ? open(path, O_RDONLY | O_CLOEXEC)
			   : -1;

	if (from < 0)
		return;
	if (fstat(from, &found) == 0) {
		snprintf(name, sizeof(name), "files/%s", row->id);
		put_head(e, name, found.st_size);
		copy_bytes(e, from, found.st_size);
		put_padding(e, found.st_size);
	}
	close(from);
}

static void put_files(struct exporting *e)
{
	struct file_list *list = xcalloc(1, sizeof(*list));
	char after[ID_SIZE];
	struct json_text text;

	json_text_init(&text);
	json_text_open(&text, NULL, '[');
	list->text = &text;
	id_floor(0, after);
	do {
		list->count = 0;
		goes_on(e, store_own_files(e->store, &e->viewer, after, AT_ONCE,
					   add_file, list));
		for (size_t i = 0; i < list->count; i++)
			put_file(e, &list->row[i]);
		if (list->count > 0)
			memcpy(after, list->row[list->count - 1].id, ID_SIZE);
	} while (list->count == AT_ONCE && e->status == EXPORT_OK);
	json_text_close(&text, ']');
	put_json(e, "files.json", &text);
	free(list);
}

enum export_status export_write(struct store *store,
				const struct store_user *user,
				const struct export_job *job)
{
	static const char end[2 * TAR_BLOCK];
	struct exporting e = {
		.store = store,
		.viewer = store_viewer_of(user),
		.job = job,
	};

	put_account(&e, user);
	put_conversations(&e);
	put_files(&e);
	put(&e, end, sizeof(end));
	return e.status;
}
