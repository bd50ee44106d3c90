#include <string.h>

#include "eio_session.h"
#include "mem.h"

#define FIRST_CAP 64

void eio_table_init(struct eio_engine *engine)
{
	engine->cap = FIRST_CAP;
	engine->by_sid = xcalloc(FIRST_CAP, sizeof(struct eio_session *));
}

/* The sid is our own random text: any even hash of it will do. */
static uint64_t sid_hash(const char *sid)
{
	uint64_t hash = 14695981039346656037u;

	for (; *sid != '\0'; sid++)
		hash = (hash ^ (uint8_t)*sid) * 1099511628211u;
	return hash ^ hash >> 32;
}

static void table_resize(struct eio_engine *engine, size_t cap)
{
	struct eio_session **table = xcalloc(cap, sizeof(struct eio_session *));

	for (size_t i = 0; i < engine->cap; i++) {
		struct eio_session *session = engine->by_sid[i], *next;
		for (; session != NULL; session = next) {
			size_t slot = sid_hash(session->sid) & (cap - 1);
			next = session->next_by_sid;
			session->next_by_sid = table[slot];
			table[slot] = session;
		}
	}
	free(engine->by_sid);
	engine->by_sid = table;
	engine->cap = cap;
}

void eio_table_add(struct eio_session *session)
{
	struct eio_engine *engine = session->engine;

	if (engine->sessions == engine->cap)
		table_resize(engine, engine->cap * 2);
	size_t slot = sid_hash(session->sid) & (engine->cap - 1);
	session->next_by_sid = engine->by_sid[slot];
	engine->by_sid[slot] = session;
	engine->sessions++;
	engine->stats.connections = engine->sessions;
	engine->stats.connections_total++;
}

void eio_table_remove(struct eio_session *session)
{
	struct eio_engine *engine = session->engine;
	struct eio_session **at =
		&engine->by_sid[sid_hash(session->sid) & (engine->cap - 1)];

	while (*at != session)
		at = &(*at)->next_by_sid;
	*at = session->next_by_sid;
	engine->sessions--;
	engine->stats.connections = engine->sessions;
	/* A crowd that left leaves no memory behind. */
	if (!engine->shut && engine->cap > FIRST_CAP &&
	    engine->sessions < engine->cap / 8)
		table_resize(engine, engine->cap / 2);
}

struct eio_session *eio_table_find(const struct eio_engine *engine,
				   const char *sid)
{
	struct eio_session *session =
		engine->by_sid[sid_hash(sid) & (engine->cap - 1)];

	while (session != NULL && strcmp(session->sid, sid) != 0)
		session = session->next_by_sid;
	return session;
}
