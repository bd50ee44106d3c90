#include "mongo_schema.h"

#include <string.h>

#include "clock.h"
#include "mem.h"
#include "mongo_query.h"

/*
 * Ids are ObjectIds, times milliseconds, enums the numbers of store_types.h.
 *
 * meta: what there is one of.
 *
 *	{_id: "store", schema, epoch}
 *	{_id: "probe", bytes}		what store_try_write() writes
 *
 * user: one document is all that there is of somebody. Names are kept folded
 * beside how they were written, so nothing needs a collation.
 *
 *	{_id, username, nameFolded, nameSeek, nameShape, displayName,
 *	 displaySeek, displayShape, email?, avatar, statusText, passwordHash?,
 *	 role, disabled, contactsAdd, hidesLastSeen?, hidesReceipts?,
 *	 mutedUntil, own, createdAt, lastSeen, networks: [{network, at}],
 *	 oldNames: [{name, at}], sessionsEnded?, sessionKept?}
 *
 *	name   nameFolded, unique	shape  nameShape, unique
 *	email  email, unique where it is there
 *	listed disabled, nameFolded of those who are no guests
 *	guest  role, _id of guests	old    oldNames.name
 *	hides  hidesReceipts, _id of those who do
 *
 * A name may be the username of one and, in its shape, the display name of
 * nobody else; that is looked at before it is written, and whoever takes a
 * display name and then a username meets no index: the order counts, as if one
 * had come after the other.
 *
 * session: written before its user, where both are new, and deleted after the
 * user's password is another: one without a user, or of a user who is disabled,
 * is none; nor is one whose ended is not the sessionsEnded of its user, which
 * counts with each such change, unless it is the sessionKept. One that a
 *failure left behind lies there until it expires.
 *
 *	{_id, user, createdAt, lastUsed, expiresAt, agent, address, ended?,
 *	 opening?}
 *
 * opening: it is none yet, for the password is looked at once more.
 *
 *	user   user, lastUsed, _id	expiry expiresAt
 *
 * guess: at passwords; _id is the hash of whose and from where.
 *
 *	{_id, failures, lockedUntil, at}
 *
 *	at     at
 */
/*
 * ---- conversations and what is written in them ----
 *
 * A conversation is what its messages made of it, one after the other: each
 * message is one step of it, and a step happens once. So whatever must hold
 * together about a conversation is one insert of a message:
 *
 *     1. read the conversation; its newest message is last.seq, say 7
 *     2. decide (who sends is a member, a group is not full, ...), and insert
 *        message 8 of it: the unique index lets one writer have it, who then
 *        knows that nothing of what a message can change has changed since
 *     3. step: { _id: c, "last.seq": 7 } gets all that message 8 makes of it
 *
 * Who meets a duplicate key in 2 looks for their own clientId first; else
 * another one has 8: they make its step, which may be done already, and begin
 * anew. So a writer who was killed between 2 and 3 is in nobody's way, no
 * number is left out, and at most one message is in front of its conversation.
 * A reader who meets one with a seq behind last.seq makes its step (and then
 * shows it); who does not meet it sees nothing of it, for nobody was told that
 * it is there. mongo_step.c.
 *
 * conversation: one whose last.seq is 0 is not there yet for anybody: it was
 * made for a first message that may never have come.
 *
 *	_id, kind, made (a position)
 *	title, avatar	"" outside groups; in support the client's name
 *	blocks	direct: 1 the smaller id blocks the other one, 2 the other way;
 *		whoever makes the first step has looked again whether that is
 *		right, for blocks are in user_block first
 *	count	how many members there are
 *	members	[{u, owner, joined, received, read, hidden}], in direct the
 *		smaller id first, in one's notes oneself; in support the client
 *		and the server; none in the lobby. Marks only grow ($max).
 *		hidden: how many are hidden from them
 *	last	{seq, id, sender, at, hidden} of the newest message
 *	lastChange	the newest change, whose steps are like messages'
 *	at	a position, for the list of its members: of the newest message
 *		that all of them see; until the first step, none
 *	aheadUser, aheadAt	when the newest message is hidden from the
 *		other one of a direct conversation: whose it is, where they
 *		have it
 *
 *	list	members.u, at
 *	ahead	aheadUser, aheadAt; where they are there
 *	avatar	avatar; where it is there
 *
 * message: _id is a position, ascending with seq.
 *
 *	_id, c, seq, kind, sender, name, content, at
 *	clientId, hash, replyTo, attachment (JSON), file (its id), mentions
 *		(JSON): where there are any
 *	words	what it is found by (mongo_search.h), as long as it says
 *		something
 *	edited, deleted, reacted	the newest changes that did it
 *	reactions	[{emoji, u, hidden}] in the order of the changes by
 *		which they came, where nobody was erased who was the first of
 *		a kind; hidden: nobody but who reacted sees it
 *	erased	1: its sender was erased, 2: somebody in it was
 *	hidden	as in SQLite: one more than the newest seq that the other one,
 *		who blocks the sender, saw then
 *	hiddenContent, hiddenMentions, shownEdited	as in SQLite: the last
 *		edit, of which who blocks the sender sees nothing, and true
 *		where it had been edited before
 *	passed	true: its sender had not read all before it
 *	act	of a system message of a group: what its step changes. {add:
 *		[ids], drop: id, owner: id, disown: id, title, avatar}
 *	pending	{op, kind, by, at, emoji, taken, hidden}: a change that is
 *		folded in and may not have its number yet
 *
 *	seq	c, seq, unique
 *	words	c, words, _id
 *	client	c, sender, clientId, unique; where it is there
 *	hidden	c, seq, hidden; where it is there
 *	pending	pending.op; where it is there
 *	file	file; where it is there
 *	files	c, seq, of the same
 *	report	c, report, part, unique; where they are there
 *
 * A group's act is a step, too: decided on what was read in 1, carried by its
 * message, made by 3. Joined from the seq of the message on; marks of who joins
 * are seq - 1. Whoever finds an act to be for nothing writes no message.
 *
 * change: numbers 1, 2, 3 of a conversation, given as those of messages are:
 * { c, change: lastChange + 1 }, then the step { _id: c, lastChange }. _id is
 * the op of what is numbered, so that it is numbered once whoever does it, and
 * a position.
 *
 *	_id, c, change, seq (0: erase), kind, by, at, emoji, taken, hidden
 *
 *	change c, change, unique
 *
 * An edit or deletion is folded into the message first, with `pending`; then
 * its change is inserted, stepped, and last `edited` or `deleted` gets the
 * number and pending goes. Whoever meets pending, reading or writing, does the
 * rest (mongo_change.c), and so does who asks what happened lately, as somebody
 * does when a writer ended. A change that is numbered late, by somebody who met
 * it, has an event besides, for its position is far behind.
 *
 * event: what else happened, by position; forgotten after a while. Of a mark
 * that moves (written before it moves, so that none is missed), or of a change
 * that was numbered late.
 *
 *	_id (a position), c, u or change
 *
 * What a user alone has of a conversation is in the user's row, for their
 * counter is there, too, and both change at once:
 *
 *	user.own	counts
 *	user.mine	{"<conversation>": {n, joined, muted, pinned, archived,
 *			archivedSeq, unread, draft}}
 *
 * joined is that of their membership then: who left a group and came back has
 * another one, and what they had counts no more. mongo_own_rejoin() tells their
 * devices so.
 *
 * meta: {_id: "forgotten", position}: events up to there are gone.
 *
 * ---- what else there is ----
 *
 * file: what is known of an upload. Who is about to name it holds it first
 * (heldAt), and who forgets it says so first (goes): so either sees the other.
 *
 *	{_id, owner, hash, name, mime, size, width, height, duration, preview,
 *	 createdAt, heldAt?, goes?}
 *
 *	owner  owner, _id, size		hash   hash
 *
 * link: to join a group by, for good; the group names the one that leads there
 * (conversation.link {code, expiresAt}).
 *
 *	{_id (the code), c, by, at, expiresAt}
 *
 * user_block: set first, and then noted in the conversation of the two
 * (conversation.blocks) by whoever does it last. The marks are those of who
 * blocks that the other one goes on seeing, and the other way round.
 *
 *	{_id, blocker, blocked, received, read, otherReceived, otherRead, at}
 *
 *	block  blocker, blocked, unique	blocked blocked
 *	newest blocker, at, blocked
 *
 * report: first of all its row, with the messages that are to be written to
 * support; each of these has the report and which part of it it is (message:
 * report, part, as; unique), so it is written once whoever goes on. What says
 * so is then said, the copies behind it are seqs.
 *
 *	{_id, message, by, about, at, copies, said, seqs, pending?, rows?}
 *
 *	message message, by, unique	by     by, at
 *	said   said			pending of those that are
 *
 * audit {_id, by, act, user?, until, detail, at}: written before what it says
 * is done. address_block {_id (a network), until, by, at}; until, _id.
 *
 * erasure: who goes. Without begun it is nothing. c and seq: how far messages
 * were gone through, op: the change that will say so in c.
 *
 *	{_id (a user), at, begun, c, seq, op?}
 *
 * erased: who went, or goes: {_id (a user)}. Written before they go, and kept.
 * Since schema 2.
 */
#define SCHEMA_NEWEST 2

struct schema_index {
	enum mongo_collection in;
	const char *name;
	const char *keys[4]; /* "-name": downwards */
	bool unique;
	const char *only; /* of which documents, as JSON; NULL: of all */
};
#define INDEX(in, name, ...) {(in), (name), {__VA_ARGS__}, false, NULL}
#define UNIQUE(in, name, ...) {(in), (name), {__VA_ARGS__}, true, NULL}
#define INDEX_OF(in, name, only, ...)                                          \
	{(in), (name), {__VA_ARGS__}, false, (only)}
#define UNIQUE_OF(in, name, only, ...)                                         \
	{(in), (name), {__VA_ARGS__}, true, (only)}
#define JSON(...) #__VA_ARGS__

static const struct schema_index indexes[] = {
	UNIQUE(IN_USER, "name", "nameFolded"),
	UNIQUE(IN_USER, "shape", "nameShape"),
	UNIQUE_OF(IN_USER, "email", JSON({"email" : {"$exists" : true}}),
		  "email"),
	/* 2: a guest */
	INDEX_OF(IN_USER, "listed", JSON({"role" : {"$lt" : 2}}), "disabled",
		 "nameFolded"),
	INDEX_OF(IN_USER, "guest", JSON({"role" : 2}), "role", "_id"),
	INDEX(IN_USER, "old", "oldNames.name"),
	INDEX_OF(IN_USER, "hides", JSON({"hidesReceipts" : true}),
		 "hidesReceipts", "_id"),
	INDEX(IN_SESSION, "user", "user", "-lastUsed", "-_id"),
	INDEX(IN_SESSION, "expiry", "expiresAt"),
	INDEX(IN_GUESS, "at", "at"),
	INDEX(IN_CONVERSATION, "list", "members.u", "-at"),
	INDEX_OF(IN_CONVERSATION, "ahead",
		 JSON({"aheadUser" : {"$exists" : true}}), "aheadUser",
		 "-aheadAt"),
	INDEX_OF(IN_CONVERSATION, "avatar", JSON({"avatar" : {"$gt" : ""}}),
		 "avatar"),
	UNIQUE(IN_MESSAGE, "seq", "c", "seq"),
	INDEX(IN_MESSAGE, "words", "c", "words", "_id"),
	UNIQUE_OF(IN_MESSAGE, "client", JSON({"clientId" : {"$exists" : true}}),
		  "c", "sender", "clientId"),
	INDEX_OF(IN_MESSAGE, "hidden", JSON({"hidden" : {"$gt" : 0}}), "c",
		 "seq", "hidden"),
	INDEX_OF(IN_MESSAGE, "pending",
		 JSON({"pending.op" : {"$exists" : true}}), "pending.op"),
	INDEX_OF(IN_MESSAGE, "file", JSON({"file" : {"$exists" : true}}),
		 "file"),
	INDEX_OF(IN_MESSAGE, "files", JSON({"file" : {"$exists" : true}}), "c",
		 "seq"),
	UNIQUE(IN_CHANGE, "change", "c", "change"),
	UNIQUE(IN_USER_BLOCK, "block", "blocker", "blocked"),
	INDEX(IN_USER_BLOCK, "blocked", "blocked"),
	INDEX(IN_USER_BLOCK, "newest", "blocker", "-at", "blocked"),
	UNIQUE_OF(IN_MESSAGE, "report", JSON({"report" : {"$exists" : true}}),
		  "c", "report", "part"),
	INDEX(IN_USER, "avatar", "avatar"),
	INDEX(IN_FILE, "owner", "owner", "_id", "size"),
	INDEX(IN_FILE, "hash", "hash"),
	UNIQUE(IN_REPORT, "message", "message", "by"),
	INDEX(IN_REPORT, "by", "by", "at"),
	INDEX_OF(IN_REPORT, "said", JSON({"said" : {"$exists" : true}}),
		 "said"),
	INDEX_OF(IN_REPORT, "pending", JSON({"pending" : true}), "pending"),
	INDEX(IN_ADDRESS_BLOCK, "until", "-until", "_id"),
	INDEX(IN_ERASURE, "oldest", "at", "_id"),
};

/* ---- indexes ---- */

static bson_t *index_keys(const struct schema_index *index)
{
	bson_t *keys = bson_new();

	for (size_t i = 0; i < COUNT_OF(index->keys); i++) {
		const char *key = index->keys[i];

		if (key == NULL)
			break;
		bson_append_int32(keys, *key == '-' ? key + 1 : key, -1,
				  *key == '-' ? -1 : 1);
	}
	return keys;
}

static bson_t *index_spec(const struct schema_index *index)
{
	bson_t *keys = index_keys(index);
	bson_t *only = index->only != NULL
			       ? bson_new_from_json(
					 (const uint8_t *)index->only, -1, NULL)
			       : NULL;
	bson_t *spec = mongo_bson(
		DOC(BSON("key", keys), TEXT("name", index->name),
		    IF(index->unique, BOOL("unique", true)),
		    IF(only != NULL, BSON("partialFilterExpression", only))));

	bson_destroy(keys);
	bson_destroy(only);
	return spec;
}

/* All of a collection; those that are there already are left as they are. */
static bool make_indexes_in(struct mongo_db *db, enum mongo_collection in)
{
	const bson_t *specs[COUNT_OF(indexes)];
	size_t count = 0;
	bool done;

	for (size_t i = 0; i < COUNT_OF(indexes); i++) {
		if (indexes[i].in == in)
			specs[count++] = index_spec(&indexes[i]);
	}
	done = count == 0 || mongo_command(db,
					   DOC(TEXT("createIndexes",
						    mongo_collection_name(in)),
					       DOCS("indexes", specs, count)),
					   NULL);
	for (size_t i = 0; i < count; i++)
		bson_destroy((bson_t *)specs[i]);
	return done;
}

static bool make_indexes(struct mongo_db *db)
{
	for (enum mongo_collection in = 0; in < MONGO_COLLECTIONS; in++) {
		if (!make_indexes_in(db, in))
			return false;
	}
	return true;
}

/* ---- the version ---- */

/* 0: there is none. */
static int64_t read_version(struct mongo_db *db)
{
	int64_t version = 0;
	bson_t row;

	if (mongo_find_one(db, IN_META, DOC(TEXT("_id", "store")), NULL,
			   &row)) {
		version = mongo_read_int(&row, "schema");
		bson_destroy(&row);
	}
	return version;
}

static bool is_newer(struct mongo_db *db, int64_t version)
{
	if (version <= SCHEMA_NEWEST)
		return false;
	mongo_refuse(db,
		     "database %s was written by a newer Palabre (schema %lld; "
		     "this one knows %d)",
		     db->name, (long long)version, SCHEMA_NEWEST);
	return true;
}

bool mongo_schema_check(struct mongo_db *db)
{
	int64_t version = read_version(db);

	if (db->failed || is_newer(db, version))
		return false;
	if (version == SCHEMA_NEWEST)
		return true;
	if (version == 0)
		mongo_refuse(db, "database %s is empty", db->name);
	else
		mongo_refuse(db,
			     "database %s is of an older Palabre: start "
			     "palabre-api, which brings it up to date",
			     db->name);
	return false;
}

/* The server, a user like others: who writes to it writes to its operators.
 * Nobody signs in as it, it is in no directory (disabled), and no user could
 * have its name. */
static bool make_server(struct mongo_db *db)
{
	static const char name[] = "@server";

	mongo_insert(
		db, IN_USER,
		DOC(ID("_id", ID_SERVER), TEXT("username", name),
		    TEXT("nameFolded", name), TEXT("nameSeek", name),
		    TEXT("nameShape", name), TEXT("displayName", "Serveur"),
		    TEXT("displaySeek", "serveur"),
		    TEXT("displayShape", "serveur"),
		    TEXT("avatar", "\xf0\x9f\x99\x82"),
		    TEXT("statusText", "Disponible"), INT("role", ROLE_USER),
		    BOOL("disabled", true), BOOL("contactsAdd", false),
		    INT("mutedUntil", 0), INT("own", 0), INT("createdAt", 0),
		    INT("lastSeen", 0)));
	return !db->failed;
}

static void remember_all(struct mongo_db *db, enum mongo_collection in,
			 const char *name, const struct mongo_field *filter)
{
	struct mongo_rows rows =
		mongo_find(db, in,
			   &(struct mongo_find){.filter = filter,
						.fields = DOC(INT(name, 1))});
	char id[ID_SIZE], last[ID_SIZE] = "";

	while (mongo_next(&rows)) {
		mongo_read_id(rows.row, name, id);
		if (strcmp(id, last) != 0)
			mongo_insert(db, IN_ERASED, DOC(ID("_id", id)));
		memcpy(last, id, ID_SIZE);
	}
}

/* Of who was erased before the second schema each conversation in which there
 * was something says so. */
static bool remember_erased(struct mongo_db *db, int64_t version)
{
	if (version != 1)
		return true;
	remember_all(db, IN_CHANGE, "by", DOC(INT("kind", CHANGE_ERASE)));
	remember_all(db, IN_ERASURE, "_id", DOC(BOOL("begun", true)));
	return !db->failed;
}

/* Last of all: where it is there, so is the rest. */
static bool write_version(struct mongo_db *db)
{
	char epoch[ID_SIZE];

	id_new(clock_now_ms(), db->random, epoch);
	return mongo_upsert(db, IN_META, DOC(TEXT("_id", "store")),
			    DOC(SUB("$max", INT("schema", SCHEMA_NEWEST)),
				SUB("$setOnInsert", ID("epoch", epoch))));
}

bool mongo_schema_prepare(struct mongo_db *db)
{
	int64_t version = read_version(db);

	return !is_newer(db, version) && !db->failed && make_indexes(db) &&
	       make_server(db) && remember_erased(db, version) &&
	       write_version(db);
}
