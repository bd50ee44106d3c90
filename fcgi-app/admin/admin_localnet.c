/* The data of a system that Palabre takes the place of: localnetmessage. Each
 * of its clients becomes a conversation of support, as of a guest who is gone.
 */
#include "admin_import.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "localnet_files.h"
#include "mem.h"
#include "palabre_limits.h"
#include "store.h"
#include "store_owner.h"
#include "text.h"

#define NAMES_MAX (16 * 1024 * 1024)

struct importing {
	struct admin_import base;
	struct localnet *old;
	struct json_object *names; /* of clients; NULL: not given */
	char *folder;		   /* of the old store: files are below it */
	char *server_name;

	/* whose lines are under way */
	const char *client;
	char *title;
	char user[ID_SIZE], conversation[ID_SIZE];
	struct store_import_message rows[ADMIN_IMPORT_AT_ONCE];
	size_t count;

	int64_t clients;
};

/* ---- the report ---- */

/* What of a line is not as it was. */
static void note(struct importing *i, const struct localnet_line *line,
		 const char *what)
{
	admin_import_note(&i->base, "%s, %s %" PRId64 ": %s", i->client,
			  line->file ? "file" : "message", line->row, what);
}

/* ---- to the store ---- */

static void free_rows(struct importing *i)
{
	for (size_t n = 0; n < i->count; n++)
		store_message_done(&i->rows[n].message);
	i->count = 0;
}

/* The lines that have come together, into a batch with those of others. */
static void give_rows(struct importing *i)
{
	const struct store_import import = {
		.user = i->user,
		.other = ID_SERVER,
		.title = i->title,
		.messages = i->rows,
		.count = i->count,
		.now_ms = i->base.now_ms,
	};

	admin_import_give(&i->base, &import);
	free_rows(i);
}

static bool is_there(struct importing *i, const char *sender,
		     const char *client_id)
{
	bool has = false;

	give_rows(i);
	admin_import_commit(&i->base);
	admin_import_goes_on(&i->base, store_import_has(i->base.admin->store,
							i->conversation, sender,
							client_id, &has));
	return has;
}

/* ---- lines ---- */

/* The same at each import. */
static void id_of(const char *text, char out[ID_SIZE])
{
	uint8_t hash[CRYPT_SHA256_SIZE];

	crypt_sha256(text, strlen(text), hash);
	id_from_bytes(hash, out);
}

/* The same wherever this machine is by then; rows of another old store have
 * other times. */
static char *client_id_of(const struct localnet_line *line)
{
	char when[ID_SIZE];

	id_of(line->when, when);
	return xasprintf("localnetmessage:%c:%" PRId64 ":%s",
			 line->file ? 'f' : 'm', line->row, when);
}

static struct store_import_message *add_row(struct importing *i,
					    const struct localnet_line *line)
{
	struct store_import_message *row = &i->rows[i->count++];
	const char *name = line->sent ? i->server_name : i->title;
	char *sender =
		text_harmless(*line->sender != '\0' ? line->sender : name);

	*row = (struct store_import_message){
		.message =
			{
				.kind = MESSAGE_TEXT,
				.sender_name = sender,
				.content = xstrdup(line->file ? line->name
							      : line->text),
				.client_id = client_id_of(line),
				.created_at = line->at_ms < i->base.now_ms
						      ? line->at_ms
						      : i->base.now_ms,
			},
		.received = line->read,
		.read = line->read,
	};
	memcpy(row->message.sender, line->sent ? ID_SERVER : i->user, ID_SIZE);
	return row;
}

static void give_file(struct importing *i, const struct localnet_line *line)
{
	struct store_import_message *row = add_row(i, line);
	struct store_message message = row->message;
	struct upload *upload = NULL;
	const char *why = NULL;
	char id[ID_SIZE] = "";

	/* What came before it goes first, so that it can be looked for. */
	i->count--;
	if (!is_there(i, message.sender, message.client_id) &&
	    i->base.code == 0)
		why = localnet_file_take(
			&(struct localnet_files){&i->base, i->folder}, line,
			message.sender, &upload, id);
	if (why != NULL)
		note(i, line, why);
	i->rows[i->count++] = (struct store_import_message){
		.message = message,
		.file = id,
		.received = true,
		.read = true,
	};
	row = &i->rows[0];
	if (id[0] == '\0') {
		row->file = NULL;
	} else {
		row->message.kind = MESSAGE_FILE;
		row->message.content[0] = '\0';
	}
	give_rows(i);
	admin_import_commit(&i->base);
	upload_free(upload);
}

static void judge(struct importing *i, const struct localnet_line *line)
{
	if (!line->dated)
		note(i, line, "says not when: placed behind the one before");
	if (line->repaired)
		note(i, line, "is not UTF-8: what cannot be read is marked");
	if (line->at_ms > i->base.now_ms)
		note(i, line, "is of the future: was given the time of now");
	if (line->file)
		return;
	if (line->text[0] == '\0')
		note(i, line, "is empty: was kept");
	else if (text_length(line->text) > LIMIT_CONTENT)
		note(i, line, "is longer than messages are: was kept");
}

static bool take_line(const struct localnet_line *line, void *context)
{
	struct importing *i = context;

	i->base.done++;
	admin_import_show(&i->base);
	if (!line->known) {
		note(i, line, "is neither received nor sent: was left out");
		return true;
	}
	judge(i, line);
	if (line->file) {
		give_file(i, line);
	} else {
		add_row(i, line);
		if (i->count == ADMIN_IMPORT_AT_ONCE)
			give_rows(i);
	}
	return i->base.code == 0;
}

/* ---- clients ---- */

/* What makes their conversation the same at each import. */
static void user_of(const char *client, char out[ID_SIZE])
{
	char *text = xasprintf("localnetmessage %s", client);

	id_of(text, out);
	free(text);
}

/* {"ID":"name"} or {"ID":{"name":"..."}} */
static const char *name_of(const struct importing *i)
{
	static const char *const keys[] = {"name", "username", "client_name"};
	struct json_object *value =
		i->names != NULL ? json_any(i->names, i->client) : NULL;
	const char *name = NULL;

	if (value != NULL && !json_is_object(value))
		name = json_text_of(value);
	for (size_t n = 0; json_is_object(value) && n < COUNT_OF(keys); n++) {
		if (json_get_string(value, keys[n], &name) == JSON_FOUND)
			break;
	}
	return name != NULL && text_is_visible(name) ? name : i->client;
}

static char *title_of(const struct importing *i)
{
	char *title = text_harmless(name_of(i)), *end = title;

	for (size_t n = 0; *end != '\0' && n < LIMIT_TITLE; n++)
		for (end++; ((unsigned char)*end & 0xc0) == 0x80;)
			end++;
	*end = '\0';
	return title;
}

static void import_client(struct importing *i, size_t client)
{
	int64_t before = i->base.messages;

	i->client = localnet_client(i->old, client);
	i->title = title_of(i);
	user_of(i->client, i->user);
	id_direct(i->user, ID_SERVER, i->conversation);
	if (!localnet_each_line(i->old, client, take_line, i) &&
	    i->base.code == 0)
		admin_import_fail(&i->base, "the old store: %s",
				  localnet_error(i->old));
	give_rows(i);
	i->clients += i->base.messages > before;
	free(i->title);
}

/* ---- both stores ---- */

static struct json_object *read_names(struct admin *admin, const char *path,
				      int *code)
{
	struct json_object *names = NULL;
	char *text = xmalloc(NAMES_MAX);
	FILE *file = fopen(path, "re");
	size_t len = file != NULL ? fread(text, 1, NAMES_MAX, file) : 0;

	if (file == NULL)
		*code = admin_fail(admin, 2, "%s: %s", path, strerror(errno));
	else if (json_parse(text, len, JSON_OURS(LIMIT_JSON_DEPTH), &names) !=
			 JSON_OK ||
		 !json_is_object(names))
		*code = admin_fail(admin, 1, "%s: is no JSON object of clients",
				   path);
	if (file != NULL)
		fclose(file);
	free(text);
	return names;
}

/* As the caller, for it is theirs. */
static void open_old(struct importing *i, char **words)
{
	char *error = NULL, *real, *slash;

	store_owner_return();
	real = realpath(words[0], NULL);
	if (real == NULL)
		error = xasprintf("%s: %s", words[0], strerror(errno));
	else
		i->old = localnet_open(real, &error);
	if (error != NULL)
		i->base.code = admin_fail(i->base.admin, 1, "%s", error);
	free(error);
	if (i->base.code == 0 && words[1] != NULL)
		i->names = read_names(i->base.admin, words[1], &i->base.code);
	slash = real != NULL ? strrchr(real, '/') : NULL;
	/* All that there is would be below its folder. */
	if (i->base.code == 0 && slash == real)
		i->base.code = admin_fail(
			i->base.admin, 1,
			"%s: lies in /; put it and its files into a folder of "
			"their own",
			real);
	if (slash != NULL)
		*slash = '\0';
	i->folder = real;
	error = store_owner_borrow(i->base.admin->options);
	if (error != NULL && i->base.code == 0)
		i->base.code = admin_fail(i->base.admin, 2, "%s", error);
	free(error);
}

static void find_server_name(struct importing *i)
{
	struct store_user server;

	if (admin_import_goes_on(&i->base, store_user_get(i->base.admin->store,
							  ID_SERVER, &server)))
		i->server_name = xstrdup(store_user_name(&server));
	store_user_done(&server);
}

static void report(struct importing *i)
{
	struct json_object *json = i->base.admin->json;
	size_t orphans = localnet_orphans(i->old);

	if (json != NULL) {
		json_put_int(json, "messages", i->base.messages);
		json_put_int(json, "conversations", i->clients);
		json_put_int(json, "there", i->base.done - i->base.messages);
		json_put_int(json, "orphans", (int64_t)orphans);
	}
	if (orphans > 0)
		admin_line(i->base.admin, "%zu of no client: were left out",
			   orphans);
	admin_done(i->base.admin,
		   "%" PRId64 " messages of %" PRId64
		   " clients were imported; %" PRId64
		   " were there already or left out",
		   i->base.messages, i->clients,
		   i->base.done - i->base.messages);
}

int admin_import_localnet(struct admin *admin, char **words)
{
	struct importing *i = xcalloc(1, sizeof(*i));
	int code;

	admin_import_begin(&i->base, admin);
	open_old(i, words);
	if (i->base.code == 0)
		find_server_name(i);
	if (i->base.code == 0)
		i->base.all = (int64_t)localnet_lines(i->old);
	for (size_t n = 0; i->base.code == 0 && n < localnet_clients(i->old);
	     n++)
		import_client(i, n);
	code = admin_import_end(&i->base);
	if (code == 0)
		report(i);
	localnet_free(i->old);
	json_free(i->names);
	free(i->folder);
	free(i->server_name);
	free(i);
	return code;
}
