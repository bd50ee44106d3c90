#include "power_disk.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"

#define NAMES 8
#define FILES 64
#define SECTOR 512
#define NO_FILE (-1)

enum event_kind { LINK, UNLINK, WRITE, TRUNCATE, SYNC, SYNC_FOLDER };

struct event {
	enum event_kind kind;
	int name, file;
	int64_t at; /* TRUNCATE: the size */
	size_t len;
	char *bytes;
};

struct power_disk {
	char *name[NAMES];
	int names, files;
	int entry[NAMES]; /* the file of each name, as programs see it */
	struct event *event;
	size_t events, room;
};

struct power_disk *power_disk_new(void)
{
	return xcalloc(1, sizeof(struct power_disk));
}

void power_disk_free(struct power_disk *disk)
{
	for (size_t i = 0; i < disk->events; i++)
		free(disk->event[i].bytes);
	for (int i = 0; i < disk->names; i++)
		free(disk->name[i]);
	free(disk->event);
	free(disk);
}

/* ---- what happens ---- */

static void happen(struct power_disk *disk, struct event event)
{
	if (disk->events == disk->room) {
		disk->room = disk->room * 2 + 256;
		disk->event = xrealloc(disk->event,
				       disk->room * sizeof(*disk->event));
	}
	disk->event[disk->events++] = event;
}

static int find_name(struct power_disk *disk, const char *name)
{
	for (int i = 0; i < disk->names; i++)
		if (strcmp(disk->name[i], name) == 0)
			return i;
	assert(disk->names < NAMES);
	disk->entry[disk->names] = NO_FILE;
	disk->name[disk->names] = xstrdup(name);
	return disk->names++;
}

int power_disk_open(struct power_disk *disk, const char *name)
{
	int at = find_name(disk, name);

	if (disk->entry[at] == NO_FILE) {
		assert(disk->files < FILES);
		disk->entry[at] = disk->files++;
		happen(disk, (struct event){.kind = LINK,
					    .name = at,
					    .file = disk->entry[at]});
	}
	return disk->entry[at];
}

void power_disk_unlink(struct power_disk *disk, const char *name)
{
	int at = find_name(disk, name);

	if (disk->entry[at] == NO_FILE)
		return;
	disk->entry[at] = NO_FILE;
	happen(disk, (struct event){.kind = UNLINK, .name = at});
}

void power_disk_write(struct power_disk *disk, int file, int64_t at,
		      const void *bytes, size_t len)
{
	struct event event = {
		.kind = WRITE, .file = file, .at = at, .len = len};

	event.bytes = xmalloc(len);
	memcpy(event.bytes, bytes, len);
	happen(disk, event);
}

void power_disk_truncate(struct power_disk *disk, int file, int64_t size)
{
	happen(disk,
	       (struct event){.kind = TRUNCATE, .file = file, .at = size});
}

void power_disk_sync(struct power_disk *disk, int file)
{
	happen(disk, (struct event){.kind = SYNC, .file = file});
}

void power_disk_sync_folder(struct power_disk *disk)
{
	happen(disk, (struct event){.kind = SYNC_FOLDER});
}

size_t power_disk_now(const struct power_disk *disk)
{
	return disk->events;
}

/* ---- what of it lasts ---- */

struct content {
	char *bytes;
	size_t len;
};

struct state {
	struct content file[FILES];
	int entry[NAMES];
};

struct power_replay {
	const struct power_disk *disk;
	size_t at; /* events before this one have happened */
	bool begun;
	struct state durable;
	size_t *pending; /* events that no sync has made durable, in order */
	size_t pendings;
};

static void resize(struct content *content, size_t len)
{
	content->bytes = xrealloc(content->bytes, len + 1);
	if (len > content->len)
		memset(content->bytes + content->len, 0, len - content->len);
	content->len = len;
}

static void put(struct content *content, size_t at, const char *bytes,
		size_t len)
{
	if (at + len > content->len)
		resize(content, at + len);
	memcpy(content->bytes + at, bytes, len);
}

static void apply(struct state *state, const struct event *event)
{
	switch (event->kind) {
	case LINK:
		state->entry[event->name] = event->file;
		break;
	case UNLINK:
		state->entry[event->name] = NO_FILE;
		break;
	case WRITE:
		put(&state->file[event->file], (size_t)event->at, event->bytes,
		    event->len);
		break;
	case TRUNCATE:
		resize(&state->file[event->file], (size_t)event->at);
		break;
	case SYNC:
	case SYNC_FOLDER:
		break;
	}
}

struct power_replay *power_replay_new(const struct power_disk *disk)
{
	struct power_replay *replay = xcalloc(1, sizeof(*replay));

	replay->disk = disk;
	replay->pending = xcalloc(disk->events + 1, sizeof(*replay->pending));
	for (int i = 0; i < NAMES; i++)
		replay->durable.entry[i] = NO_FILE;
	return replay;
}

static void state_done(struct state *state)
{
	for (int i = 0; i < FILES; i++)
		free(state->file[i].bytes);
}

void power_replay_free(struct power_replay *replay)
{
	state_done(&replay->durable);
	free(replay->pending);
	free(replay);
}

static bool is_sync(const struct event *event)
{
	return event->kind == SYNC || event->kind == SYNC_FOLDER;
}

static bool concerns(const struct event *sync, const struct event *event)
{
	if (event->kind == LINK || event->kind == UNLINK)
		return sync->kind == SYNC_FOLDER;
	return sync->kind == SYNC && sync->file == event->file;
}

static void make_durable(struct power_replay *replay, const struct event *sync)
{
	size_t left = 0;

	for (size_t i = 0; i < replay->pendings; i++) {
		const struct event *event =
			&replay->disk->event[replay->pending[i]];

		if (concerns(sync, event))
			apply(&replay->durable, event);
		else
			replay->pending[left++] = replay->pending[i];
	}
	replay->pendings = left;
}

bool power_replay_next(struct power_replay *replay)
{
	const struct power_disk *disk = replay->disk;

	if (replay->begun && replay->at == disk->events)
		return false;
	/* The sync of the last cut happens after all. */
	if (replay->begun)
		make_durable(replay, &disk->event[replay->at++]);
	replay->begun = true;
	while (replay->at < disk->events && !is_sync(&disk->event[replay->at]))
		replay->pending[replay->pendings++] = replay->at++;
	return true;
}

size_t power_replay_at(const struct power_replay *replay)
{
	return replay->at;
}

/* ---- a disk to look at ---- */

static bool toss(uint64_t *random)
{
	*random = *random * UINT64_C(6364136223846793005) + 1442695040888963407;
	return *random >> 63 != 0;
}

static void apply_some(struct state *state, const struct event *event,
		       uint64_t *random)
{
	if (event->kind != WRITE) {
		if (toss(random))
			apply(state, event);
		return;
	}
	for (size_t done = 0; done < event->len;) {
		size_t at = (size_t)event->at + done;
		size_t len = SECTOR - at % SECTOR;

		if (len > event->len - done)
			len = event->len - done;
		if (toss(random))
			put(&state->file[event->file], at, event->bytes + done,
			    len);
		done += len;
	}
}

static void save_file(const char *folder, const char *name,
		      const struct content *content)
{
	char *path = xasprintf("%s/%s", folder, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert(fd >= 0);
	for (size_t done = 0; done < content->len;) {
		ssize_t wrote =
			write(fd, content->bytes + done, content->len - done);

		assert(wrote > 0);
		done += (size_t)wrote;
	}
	close(fd);
	free(path);
}

static void state_copy(struct state *to, const struct state *from)
{
	*to = *from;
	for (int i = 0; i < FILES; i++) {
		to->file[i] = (struct content){0};
		if (from->file[i].len > 0)
			put(&to->file[i], 0, from->file[i].bytes,
			    from->file[i].len);
	}
}

void power_replay_save(const struct power_replay *replay, enum power_loss loss,
		       const char *folder)
{
	const struct power_disk *disk = replay->disk;
	uint64_t random = replay->at;
	struct state state;

	state_copy(&state, &replay->durable);
	for (size_t i = 0; loss == POWER_LOSE_SOME && i < replay->pendings; i++)
		apply_some(&state, &disk->event[replay->pending[i]], &random);
	for (int i = 0; i < disk->names; i++)
		if (state.entry[i] != NO_FILE)
			save_file(folder, disk->name[i],
				  &state.file[state.entry[i]]);
	state_done(&state);
}
