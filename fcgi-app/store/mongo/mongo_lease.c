#include "mongo_lease.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "mem.h"
#include "mongo_query.h"

#define LOOK_MS 500
#define PLACE_SIZE 200
#define OWNER_SIZE (PLACE_SIZE + 50)

/*
 * An owner is the machine, since it was started, the processes that it sees,
 * and one of these with when it began:
 *
 *	HOST MACHINE BOOT PIDS PID BEGAN
 *
 * A unit of systemd's may be kept from reading BOOT, and hosts may have one
 * name: so MACHINE.
 */

static void read_line(const char *path, char *out, size_t size)
{
	FILE *file = fopen(path, "re");

	if (file == NULL || fgets(out, (int)size, file) == NULL)
		snprintf(out, size, "-");
	if (file != NULL)
		fclose(file);
	out[strcspn(out, "\n ")] = '\0';
}

/* Field 22 of proc(5)'s stat; "" for no such process, or one that has ended and
 * nobody has asked about yet. */
static void read_began(long pid, char *out, size_t size)
{
	char path[40], line[1024];
	FILE *file;
	const char *at;

	*out = '\0';
	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	file = fopen(path, "re");
	if (file == NULL)
		return;
	at = fgets(line, sizeof(line), file) != NULL ? strrchr(line, ')')
						     : NULL;
	if (at != NULL && (at[1] == '\0' || strchr("ZX", at[2]) != NULL))
		at = NULL;
	for (int i = 2; at != NULL && i < 22; i++)
		at = strchr(at + 1, ' ');
	if (at != NULL)
		snprintf(out, size, "%.*s", (int)strcspn(at + 1, " "), at + 1);
	fclose(file);
}

/* What all processes have in common that see each other. */
static void lease_place(char *out, size_t size)
{
	char host[65] = "-", machine[40], boot[40], pids[40] = "-";
	ssize_t len = readlink("/proc/self/ns/pid", pids, sizeof(pids) - 1);

	if (len > 0)
		pids[len] = '\0';
	gethostname(host, sizeof(host) - 1);
	read_line("/etc/machine-id", machine, sizeof(machine));
	read_line("/proc/sys/kernel/random/boot_id", boot, sizeof(boot));
	snprintf(out, size, "%s %s %s %s ", host, machine, boot, pids);
}

static void lease_owner(long pid, char out[OWNER_SIZE])
{
	char place[PLACE_SIZE], began[24];

	lease_place(place, sizeof(place));
	read_began(pid, began, sizeof(began));
	snprintf(out, OWNER_SIZE, "%s%ld %s", place, pid, began);
}

/* What this process sees itself of an owner. */
enum seen { SEEN_NOTHING, SEEN_ALIVE, SEEN_GONE };

static enum seen lease_see(const char *owner)
{
	char place[PLACE_SIZE], began[24];
	long pid;
	char *rest;

	lease_place(place, sizeof(place));
	if (strncmp(owner, place, strlen(place)) != 0)
		return SEEN_NOTHING;
	pid = strtol(owner + strlen(place), &rest, 10);
	read_began(pid, began, sizeof(began));
	/* It may be hidden, being another user's (proc(5), hidepid). */
	if (*began == '\0' && kill((pid_t)pid, 0) != 0 && errno == EPERM)
		return SEEN_NOTHING;
	return *rest == ' ' && strcmp(rest + 1, began) == 0 ? SEEN_ALIVE
							    : SEEN_GONE;
}

/* ---- the row ---- */

struct lease {
	char *owner; /* NULL: there is none */
	int64_t beat;
};

static void lease_read(struct mongo_db *db, struct lease *out)
{
	bson_t row;

	*out = (struct lease){NULL, 0};
	if (!mongo_find_one(db, IN_META, DOC(TEXT("_id", "lease")), NULL, &row))
		return;
	out->owner = mongo_take_text(&row, "owner");
	out->beat = mongo_read_int(&row, "beat");
	bson_destroy(&row);
}

/* Unless it is another one by now. */
static bool lease_replace(struct mongo_db *db, const struct lease *old,
			  const char *owner)
{
	if (old->owner == NULL)
		return mongo_insert(db, IN_META,
				    DOC(TEXT("_id", "lease"),
					TEXT("owner", owner), INT("beat", 0)));
	return mongo_update(db, IN_META,
			    DOC(TEXT("_id", "lease"), TEXT("owner", old->owner),
				INT("beat", old->beat)),
			    DOC(SUB("$set", TEXT("owner", owner)),
				SUB("$inc", INT("beat", 1))));
}

/* ---- taking it ---- */

static void lease_refuse(struct mongo_db *db, const char *owner)
{
	mongo_refuse(db,
		     "database %s is used by another node (%.*s): one at a "
		     "time",
		     db->name, (int)strcspn(owner, " "), owner);
}

static void lease_say(store_say *say, const struct mongo_db *db)
{
	char *words = xasprintf("waiting %d s whether the node that used "
				"database %s last is gone",
				MONGO_LEASE_END_MS / 1000, db->name);

	if (say != NULL)
		say(words);
	free(words);
}

/* It is there as it was. */
static bool is_same(const struct lease *a, const struct lease *b)
{
	return a->owner != NULL && b->owner != NULL &&
	       strcmp(a->owner, b->owner) == 0 && a->beat == b->beat;
}

/* Does its beat stand still, of a node that cannot be seen? What is there then
 * is in *lease. */
static bool lease_ends(struct mongo_db *db, struct lease *lease)
{
	int64_t until = clock_mono_ms() + MONGO_LEASE_END_MS;
	const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
	bool same = true;

	while (same && !db->failed && clock_mono_ms() < until) {
		struct lease now;

		nanosleep(&pause, NULL);
		lease_read(db, &now);
		same = is_same(lease, &now);
		free(lease->owner);
		*lease = now;
	}
	return same || lease->owner == NULL;
}

static bool is_free(struct mongo_db *db, struct lease *lease, const char *owner,
		    store_say *say)
{
	if (lease->owner == NULL || strcmp(lease->owner, owner) == 0)
		return true;
	switch (lease_see(lease->owner)) {
	case SEEN_ALIVE:
		return false;
	case SEEN_GONE:
		return true;
	case SEEN_NOTHING:
		break;
	}
	lease_say(say, db);
	return lease_ends(db, lease);
}

/* Two may have written it at once, and not known who did. */
static bool lease_is_of(struct mongo_db *db, const char *owner)
{
	return mongo_exists(db, IN_META,
			    DOC(TEXT("_id", "lease"), TEXT("owner", owner)));
}

bool mongo_lease_take(struct mongo_db *db, store_say *say)
{
	char owner[OWNER_SIZE];
	struct lease lease;
	bool taken;

	lease_owner(getpid(), owner);
	lease_read(db, &lease);
	taken = !db->failed && is_free(db, &lease, owner, say) &&
		lease_replace(db, &lease, owner) && lease_is_of(db, owner);
	if (!taken && !db->failed)
		lease_refuse(db, lease.owner != NULL ? lease.owner : "-");
	free(lease.owner);
	db->leased = taken;
	return taken;
}

/* ---- going on ---- */

bool mongo_lease_keep(struct mongo_db *db)
{
	char own[OWNER_SIZE], parent[OWNER_SIZE];
	const char *const owners[] = {own, parent};
	struct lease none = {NULL, 0};

	lease_owner(getpid(), own);
	lease_owner(getppid(), parent);
	return mongo_update(db, IN_META,
			    DOC(TEXT("_id", "lease"),
				SUB("owner", TEXTS("$in", owners, 2))),
			    DOC(SUB("$inc", INT("beat", 1)))) ||
	       (!db->failed && lease_replace(db, &none, parent));
}

void mongo_lease_beat(struct mongo_db *db)
{
	int64_t now = clock_mono_ms();
	struct lease lease;
	char own[OWNER_SIZE];

	if (!db->leased || now < db->beat_at_ms)
		return;
	db->beat_at_ms = now + MONGO_LEASE_BEAT_MS;
	lease_owner(getpid(), own);
	if (mongo_update(db, IN_META,
			 DOC(TEXT("_id", "lease"), TEXT("owner", own)),
			 DOC(SUB("$inc", INT("beat", 1)))))
		return;
	lease_read(db, &lease);
	if (!db->failed)
		lease_refuse(db, lease.owner != NULL ? lease.owner : "-");
	free(lease.owner);
}

void mongo_lease_end(struct mongo_db *db)
{
	char owner[OWNER_SIZE];

	lease_owner(getpid(), owner);
	mongo_delete(db, IN_META,
		     DOC(TEXT("_id", "lease"), TEXT("owner", owner)));
}
