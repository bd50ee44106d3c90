/*
 * That verify finds each breach on MongoDB: a clean store is damaged by raw
 * commands, once per row of the table, and verify has to name the conversation
 * and the damage.
 */
#include "breach.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "mongodb_fault.h"

/* Commands, each of one line; @: the id of the conversation. */
#define UNBOUND(in) "{'dropIndexes': '" in "', 'index': '*'}\n"
#define UPDATE(in, which, what)                                                \
	"{'update': '" in "', 'updates': [{'q': {" which "}, 'u': {" what      \
	"}}]}\n"
#define DELETE(in, which)                                                      \
	"{'delete': '" in "', 'deletes': [{'q': {" which "}, 'limit': 1}]}\n"
#define SET_MESSAGE(seq, what)                                                 \
	UPDATE("message", "'seq': " #seq, "'$set': {" what "}")
#define SET_CHANGE(number, what)                                               \
	UPDATE("change", "'change': " #number, "'$set': {" what "}")
#define SET_DIRECT(what)                                                       \
	UPDATE("conversation", "'_id': {'$oid': '@'}", "'$set': {" what "}")
#define DELETE_MESSAGE(seq) DELETE("message", "'seq': " #seq)
#define DELETE_CHANGE(number) DELETE("change", "'change': " #number)
#define NOBODY "{'$oid': '000000000000000000000000'}"
#define SOMETHING "{'$oid': '" BREACH_GROUP "'}"

static const struct breach breaches[] = {
	{DELETE_MESSAGE(4), "seq 5 follows 3", NULL},
	{DELETE_MESSAGE(1), "seq 2 follows 0", NULL},
	{UNBOUND("message") SET_MESSAGE(4, "'seq': 5"), "seq 5 is there twice",
	 NULL},
	{DELETE_MESSAGE(5) "{'insert': 'message', 'documents': [{'_id': " NOBODY
			   ", 'c': {'$oid': '@'}, 'seq': 5}]}",
	 "seq 5 was written before 4", NULL},
	{SET_MESSAGE(5, "'c': " NOBODY), "1 messages of no conversation", ""},
	{UNBOUND("message") SET_MESSAGE(1, "'clientId': 'k'"),
	 " k made two messages", NULL},
	{UPDATE("message", "'seq': 4", "'$unset': {'hash': 1}"),
	 "seq 4 has a clientId and no request hash", NULL},
	{SET_MESSAGE(5, "'sender': " NOBODY),
	 "seq 5 was sent by 000000000000000000000000, who is not in it", NULL},
	{SET_MESSAGE(5, "'hidden': 9"), "seq 5 is hidden behind seq 8", NULL},
	{SET_MESSAGE(5, "'hidden': 3"), "1 messages are hidden from", NULL},
	{SET_MESSAGE(3, "'content': 'x'"), "seq 3 is deleted and has a text",
	 NULL},
	{SET_MESSAGE(3, "'attachment': '{}'"),
	 "seq 3 is deleted and names a file", NULL},
	{SET_MESSAGE(5, "'attachment': '{}', 'file': " SOMETHING),
	 "seq 5 names a file that is not there", NULL},
	{SET_MESSAGE(5, "'attachment': '{}'"),
	 "seq 5 names a file that is not there", NULL},
	{SET_MESSAGE(5, "'erased': 1"),
	 "seq 5 is of an erased user and says something", NULL},
	{SET_MESSAGE(5, "'replyTo': " SOMETHING),
	 "seq 5 answers " BREACH_GROUP ", which is not here", NULL},
	{SET_MESSAGE(5, "'words': ['other']"),
	 "seq 5 is not found by what it says", NULL},
	{DELETE_CHANGE(1), "change 2 follows 0", NULL},
	{UNBOUND("change") SET_CHANGE(1, "'change': 2"),
	 "change 2 is there twice", NULL},
	{DELETE_CHANGE(2), "seq 3 was changed by a change that is not there",
	 NULL},
	{DELETE_CHANGE(1) DELETE_CHANGE(2),
	 "seq 2 was changed by a change that is not there", NULL},
	{SET_CHANGE(2, "'c': " NOBODY), "1 changes of no conversation", ""},
	{SET_CHANGE(1, "'seq': 9"), "change 1 is of seq 9, which is not there",
	 NULL},
	{SET_CHANGE(2, "'kind': 3"), "change 2 erases a message", NULL},
	{SET_DIRECT("'lastChange': 0"), "lastChange is 0, its newest change 2",
	 NULL},
	{SET_DIRECT("'last.seq': 3"), "lastSeq is 3, its newest message 5",
	 NULL},
	{SET_DIRECT("'last.id': " NOBODY), "its newest message is another one",
	 NULL},
	{SET_DIRECT("'at': " NOBODY), "it stands in another place of lists",
	 NULL},
	{SET_DIRECT("'members.0.received': 7"), "received 7", NULL},
	{SET_DIRECT("'members.0.received': 1, 'members.0.read': 2"),
	 "received 1, read 2 of 5", NULL},
	{SET_DIRECT("'members.1.read': -1"), "read -1", NULL},
	{SET_DIRECT("'members.0.joined': 0"), "joined 0", NULL},
	{SET_DIRECT("'members.0.joined': 7"), "joined 7", NULL},
	{SET_DIRECT("'count': 3"), "it has 2 members, not 3", NULL},
	{SET_DIRECT("'members.0.u': {'$oid': 'ffffffffffffffffffffffff'}"),
	 "a direct conversation without its two members", NULL},
	{SET_DIRECT("'blocks': 1"), "it is not known who blocks whom", NULL},
	{"{'insert': 'conversation', 'documents': [{'_id': " SOMETHING
	 ", 'kind': 1, 'count': 1, 'members': [{'u': " NOBODY
	 ", 'joined': 1, 'received': 1, 'read': 2}]}]}",
	 "received 1, read 2 of 0", BREACH_GROUP},
};

static char *with_id(const char *line, size_t len, const char *id)
{
	const char *at = memchr(line, '@', len);

	return at == NULL ? xstrndup(line, len)
			  : xasprintf("%.*s%s%.*s", (int)(at - line), line, id,
				      (int)(line + len - at - 1), at + 1);
}

static void damage(struct contract *c, const char *commands)
{
	char direct[ID_SIZE];

	id_direct(c->ann, c->bob, direct);
	while (*commands != '\0') {
		size_t len = strcspn(commands, "\n");
		char *command = with_id(commands, len, direct);

		mongodb_run(c, command);
		free(command);
		commands += len + (commands[len] == '\n');
	}
}

static void verify_finds_each_planted_breach(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(breaches); i++)
		breach_assert_found(&breaches[i], damage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verify_finds_each_planted_breach),
	};

	return contract_run_on("mongodb", "MongoDB's verify", tests,
			       COUNT_OF(tests));
}
