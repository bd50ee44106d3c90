/*
 * A backend that is a module, to prove that one can be: built as a shared
 * object, loaded by its URI's scheme, it passes the part of the contract that
 * it implements, which is that of users. Its store is its process's.
 */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "mem.h"
#include "store_module.h"
#include "text.h"

#define USERS_MAX 100

struct memory_user {
	struct store_user user;
	char *name_folded, *name_seek, *display_seek;
};

struct memory {
	struct store base;
	ids_random *random;
	char epoch[ID_SIZE];
	struct memory_user users[USERS_MAX];
	size_t count;
};

static struct memory *memory_of(struct store *store)
{
	return (struct memory *)store;
}

/* ---- users ---- */

static char *own(const char *text)
{
	return text != NULL ? xstrdup(text) : NULL;
}

static void copy_user(const struct store_user *from, struct store_user *to)
{
	*to = *from;
	to->username = own(from->username);
	to->email = own(from->email);
	to->display_name = own(from->display_name ? from->display_name : "");
	to->avatar = own(from->avatar ? from->avatar : "");
	to->status_text = own(from->status_text ? from->status_text : "");
	to->password_hash = own(from->password_hash);
}

static bool has_shape(const struct memory *memory, const char *name)
{
	char *wanted = text_shape(name);
	bool found = false;

	for (size_t i = 0; i < memory->count && !found; i++) {
		char *shape = text_shape(memory->users[i].user.username);

		found = strcmp(shape, wanted) == 0;
		free(shape);
	}
	free(wanted);
	return found;
}

static const char *taken(const struct memory *memory,
			 const struct store_user *user)
{
	if (has_shape(memory, user->username))
		return "username";
	for (size_t i = 0; user->email != NULL && i < memory->count; i++) {
		const char *email = memory->users[i].user.email;

		if (email != NULL && strcmp(email, user->email) == 0)
			return "email";
	}
	if (user->display_name != NULL && has_shape(memory, user->display_name))
		return "displayName";
	return NULL;
}

static enum store_status memory_add(struct store *store,
				    struct store_user *user, const char **field)
{
	struct memory *memory = memory_of(store);
	struct memory_user *row = &memory->users[memory->count];
	char *name = text_fold(user->username);

	if (memory->count == USERS_MAX) {
		free(name);
		return STORE_UNAVAILABLE;
	}
	if (user->email != NULL) {
		char *email = text_lower(user->email);

		free(user->email);
		user->email = email;
	}
	*field = taken(memory, user);
	if (*field != NULL) {
		free(name);
		return STORE_TAKEN;
	}
	if (user->id[0] == '\0')
		id_new(user->created_at, memory->random, user->id);
	copy_user(user, &row->user);
	row->name_folded = name;
	row->name_seek = text_seek(row->user.username);
	row->display_seek = text_seek(row->user.display_name);
	memory->count++;
	return STORE_OK;
}

static struct memory_user *find(struct memory *memory, const char *id)
{
	for (size_t i = 0; i < memory->count; i++) {
		if (strcmp(memory->users[i].user.id, id) == 0)
			return &memory->users[i];
	}
	return NULL;
}

static enum store_status give(const struct memory_user *row,
			      struct store_user *out)
{
	if (row == NULL)
		return STORE_NOT_FOUND;
	copy_user(&row->user, out);
	return STORE_OK;
}

static enum store_status memory_get(struct store *store, const char *id,
				    struct store_user *out)
{
	return give(find(memory_of(store), id), out);
}

static enum store_status memory_by_login(struct store *store, const char *login,
					 struct store_user *out)
{
	struct memory *memory = memory_of(store);
	char *name = text_fold(login), *email = text_lower(login);
	const struct memory_user *row = NULL;

	for (size_t i = 0; i < memory->count && row == NULL; i++) {
		const struct memory_user *there = &memory->users[i];
		bool by_email = strchr(login, '@') != NULL;
		const char *mine =
			by_email ? there->user.email : there->name_folded;

		if (mine != NULL && strcmp(mine, by_email ? email : name) == 0)
			row = there;
	}
	free(name);
	free(email);
	return give(row, out);
}

/* ---- the directory ---- */

struct entry {
	const struct memory_user *row;
	bool online;
};

static bool has_words(const struct memory_user *row, const char *text)
{
	char *words = text_seek(text), *next = words;
	bool all = words[0] != '\0';

	while (all && next != NULL) {
		const char *word = strsep(&next, " ");

		all = strstr(row->name_seek, word) != NULL ||
		      strstr(row->display_seek, word) != NULL;
	}
	free(words);
	return all;
}

static bool is_online(const struct memory_user *row,
		      const struct store_user_query *query)
{
	for (size_t i = 0; i < query->online_count; i++) {
		if (strcmp(row->user.id, query->online[i]) == 0)
			return true;
	}
	return false;
}

static bool matches(const struct memory_user *row,
		    const struct store_user_query *query)
{
	const char *text = query->text;
	bool guest = row->user.role == ROLE_GUEST;

	if ((guest && !(query->guests && is_online(row, query))) ||
	    row->user.disabled ||
	    (query->except != NULL && strcmp(row->user.id, query->except) == 0))
		return false;
	return text == NULL || text[0] == '\0' || has_words(row, text);
}

static int in_order(const void *a, const void *b)
{
	const struct entry *one = a, *other = b;

	if (one->online != other->online)
		return one->online ? -1 : 1;
	return strcmp(one->row->name_folded, other->row->name_folded);
}

static enum store_status memory_list(struct store *store,
				     const struct store_user_query *query,
				     store_each_user *each, void *context,
				     int64_t *total)
{
	struct memory *memory = memory_of(store);
	char *after = query->after != NULL ? text_fold(query->after) : NULL;
	struct entry entries[USERS_MAX];
	size_t count = 0;
	int64_t matching = 0;

	for (size_t i = 0; i < memory->count; i++) {
		const struct memory_user *row = &memory->users[i];

		if (!matches(row, query))
			continue;
		matching++;
		if (after == NULL)
			entries[count++] =
				(struct entry){row, is_online(row, query)};
		else if (strcmp(row->name_folded, after) > 0)
			entries[count++] = (struct entry){row, false};
	}
	free(after);
	qsort(entries, count, sizeof(*entries), in_order);
	if (total != NULL)
		*total = matching;
	for (size_t i = query->offset;
	     i < count && i < query->offset + query->limit; i++) {
		struct store_user shown = entries[i].row->user;

		shown.email = shown.password_hash = NULL;
		each(&shown, context);
	}
	return STORE_OK;
}

static enum store_status
memory_seen(struct store *store, const struct store_seen *seen, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct memory_user *row =
			find(memory_of(store), seen[i].user_id);

		if (row != NULL && (row->user.last_seen < seen[i].at ||
				    row->user.last_seen > clock_now_ms()))
			row->user.last_seen = seen[i].at;
	}
	return STORE_OK;
}

static const struct store_user_verbs user_verbs = {
	.add = memory_add,
	.get = memory_get,
	.by_login = memory_by_login,
	.list = memory_list,
	.seen = memory_seen,
};

/* ---- the store ---- */

static struct store *memory_new(const struct store_config *config,
				const char *location, char **error)
{
	struct memory *memory;

	if (*location == '\0') {
		*error = xstrdup("a memory store has a name");
		return NULL;
	}
	memory = xcalloc(1, sizeof(*memory));
	memory->base.users = &user_verbs;
	memory->random = config->random;
	id_new(1, memory->random, memory->epoch);
	return &memory->base;
}

static void memory_free(struct store *store)
{
	struct memory *memory = memory_of(store);

	for (size_t i = 0; i < memory->count; i++) {
		store_user_done(&memory->users[i].user);
		free(memory->users[i].name_folded);
		free(memory->users[i].name_seek);
		free(memory->users[i].display_seek);
	}
	free(memory);
}

static char *memory_prepare(struct store *store)
{
	(void)store;
	return NULL;
}

static enum store_status memory_epoch(struct store *store, char out[ID_SIZE])
{
	memcpy(out, memory_of(store)->epoch, ID_SIZE);
	return STORE_OK;
}

static enum store_status nothing(struct store *store)
{
	(void)store;
	return STORE_OK;
}

static void nothing_at_all(struct store *store)
{
	(void)store;
}

static enum store_status memory_keep(struct store *store, int64_t now_ms,
				     int64_t *again_ms)
{
	(void)store;
	(void)now_ms;
	*again_ms = 60000;
	return STORE_OK;
}

static enum store_status memory_verify(struct store *store, int64_t *checked,
				       store_each_problem *problem,
				       void *context)
{
	(void)store;
	(void)problem;
	(void)context;
	*checked = 0;
	return STORE_OK;
}

STORE_MODULE_EXPORT const struct store_backend STORE_MODULE_SYMBOL = {
	.version = STORE_BACKEND_VERSION,
	.scheme = "memory:",
	.new = memory_new,
	.free = memory_free,
	.prepare = memory_prepare,
	.epoch = memory_epoch,
	.batch_begin = nothing,
	.batch_commit = nothing,
	.batch_rollback = nothing_at_all,
	.read_begin = nothing,
	.read_end = nothing_at_all,
	.keep = memory_keep,
	.verify = memory_verify,
};
