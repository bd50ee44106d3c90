// The data of the MEVN chat, brought over by palabrectl: whoever was in it signs
// in with the old password and finds what was written, once and in its order.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseUri } from '../support/database.mjs';
import { conversationsOf, writeMevn } from '../support/mevn.mjs';
import { startMongodb } from '../support/mongodb.mjs';
import { password, startStack, waitFor } from '../support/stack.mjs';

// 100,000 take a minute on either. Enough for the first import to be killed in it.
const MESSAGES = Number(process.env.PALABRE_IMPORT_MESSAGES ?? 3_000);
const PEOPLE = 12;
const old = databaseUri('chat');
let said;
before(async () => {
  said = await writeMevn(old, { people: PEOPLE, messages: MESSAGES });
});

/* As the replaced client signs in. */
async function signIn(stack, login, given = password) {
  const { status, body, text } = await stack.api('/api/auth/login', { body: { ...login, password: given } });
  return status === 200 ? stack.person(body) : text;
}

async function everybody(stack) {
  const people = new Map();
  for (let n = 0; n < PEOPLE; n += 1) {
    const person = await signIn(stack, { email: `person${n}@example.org` });
    assert.ok(person.token, person);
    people.set(person.id, person);
  }
  return people;
}

async function history(person, conversationId) {
  const all = [];
  for (let query = '', more = true; more;) {
    const { body } = await person.api(`/api/messages/conversation?conversationId=${conversationId}&limit=100${query}`);
    all.unshift(...body.items);
    ({ more } = body);
    query = `&before=${body.items[0]?.seq}`;
  }
  return all;
}

/* How many messages the store has of the conversations of one who is there. */
async function countOf(person) {
  const { body } = await person.api('/api/conversations?limit=1000');
  return body.reduce((sum, { lastSeq }) => sum + lastSeq, 0);
}

/* By kill -9, where kill_point.h says. */
async function dies(stack, point, ...ctl) {
  const [program, ...words] = stack.ctlCommand(...ctl);
  const child = spawn(program, words, { stdio: 'ignore', env: { ...process.env, PALABRE_TEST_KILL: point } });
  assert.equal((await once(child, 'exit'))[1], 'SIGKILL');
}

const expected = ({ _id, sender, content, createdAt, edited, deleted }) =>
  [_id, sender, deleted ? '' : content, createdAt.toISOString(), edited, deleted].map(String);
const shown = ({ clientId, sender, content, createdAt, edited, deleted }) =>
  [clientId?.replace('mevn:', ''), sender, content, createdAt, edited, deleted].map(String);

// Half way, in the middle of what a batch is.
for (const [backend, point] of [['sqlite', 'before-commit:@4'], ['mongodb', 'between-writes:@12']]) {
  test(`what was written in the old chat is there, in its order, also when the import broke off (${backend})`, async (t) => {
    const store = backend === 'mongodb' ? { store: databaseUri('store') } : {};
    const stack = await startStack({ set: { ...store, lobby: 'off' } });
    t.after(() => stack.stop());
    await dies(stack, point, 'import', 'mevn', old);
    const { code, stdout, stderr } = await stack.ctl('import', 'mevn', old);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^\d+ people and \d+ messages of \d+ conversations were imported; \d+ messages were there already, 0 were left out\n$/);
    const [, came, , there] = stdout.match(/\d+/g).map(Number);
    assert.equal(came + there, MESSAGES);
    assert.ok(there > 0);

    const people = await everybody(stack);
    assert.deepEqual([...people.keys()].sort(), said.users.map(({ _id }) => String(_id)).sort());
    for (const { pair, messages, marks } of conversationsOf(said.messages)) {
      for (const id of pair) {
        const other = pair.find((one) => one !== id);
        const list = (await people.get(id).api('/api/conversations?limit=1000')).body;
        const seen = list.find(({ otherUser }) => otherUser._id === other);
        assert.deepEqual([seen.lastSeq, seen.unread], [messages.length, messages.length - marks[id]]);
        if (id === pair[1]) continue;
        const lines = await history(people.get(id), seen._id);
        assert.deepEqual(lines.map(shown), messages.map(expected));
        assert.deepEqual(lines.map(({ seq }) => seq), messages.map((_, n) => n + 1));
        // An id begins with the milliseconds of its message: never of the future.
        assert.ok(lines.every(({ _id, createdAt }) =>
          Math.abs(parseInt(_id.slice(0, 12), 16) - Date.parse(createdAt)) < 1000));
      }
    }
    const again = await stack.ctl('import', 'mevn', old);
    assert.match(again.stdout, new RegExp(`^0 people and 0 messages of 0 conversations were imported; ${MESSAGES} messages were there`));
    const verified = await stack.ctl('verify');
    assert.equal(verified.code, 0, verified.stdout);

    const [ann, bob] = people.values();
    const sent = await ann.api('/api/messages', { body: { recipient_id: bob.id, content: 'and on' } });
    assert.ok(Math.abs(parseInt(sent.body._id.slice(0, 12), 16) - Date.now()) < 60_000);
    assert.equal((await history(bob, sent.body.conversationId)).at(-1).content, 'and on');
  });
}

for (const backend of ['sqlite', 'mongodb']) {
  test(`who deleted their account does not come back, nor what they wrote (${backend})`, async (t) => {
    const uri = databaseUri(`left_${backend}`);
    const { users, messages } = await writeMevn(uri, { people: 4, messages: 40 });
    const store = backend === 'mongodb' ? { store: databaseUri('left_store') } : {};
    const stack = await startStack({ set: { ...store, lobby: 'off' } });
    t.after(() => stack.stop());
    await stack.ctl('import', 'mevn', uri);
    const [ann, bob] = [await signIn(stack, { username: 'person0' }), await signIn(stack, { username: 'person1' })];
    const { _id: id } = (await ann.api('/api/conversations')).body.find(({ otherUser }) => otherUser._id === bob.id);
    const all = await history(ann, id);
    const ofBob = messages.filter(({ sender }) => String(sender) === bob.id).length;
    assert.equal((await bob.api('/api/users/me', { method: 'DELETE', body: { password } })).status, 200);

    const isGone = async () => {
      const { code, stdout, stderr } = await stack.ctl('import', 'mevn', uri);
      assert.deepEqual([code, stderr], [0, '']);
      assert.equal(stdout, `user ${users[1]._id}, person1: their account was deleted here: was left out\n`
        + `0 people and 0 messages of 0 conversations were imported; ${40 - ofBob} messages were there already, ${ofBob} were left out\n`);
      assert.match(await signIn(stack, { username: 'person1' }), /invalid_credentials/);
    };
    await isGone();
    await waitFor('they are erased', async () => (await history(ann, id)).every(({ sender, deleted }) => sender !== bob.id || deleted));
    await isGone(); // also when nothing of the erasing is left to do
    const left = await history(ann, id);
    assert.deepEqual(left.map(({ seq }) => seq), all.map(({ seq }) => seq));
    assert.ok(left.every(({ sender, content }) => sender === ann.id || content === ''));
    const verified = await stack.ctl('verify');
    assert.equal(verified.code, 0, verified.stdout);
  });
}

test('people sign in with their old passwords, and are as they were', async (t) => {
  const stack = await startStack({ set: { lobby: 'off' } });
  t.after(() => stack.stop());
  // As with a password in it, for nobody else to see.
  const { stdout } = await stack.ctlGiven(`${old}\n`, 'import', 'mevn', '-');
  assert.match(stdout, /^12 people and/);
  for (const login of [{ email: 'Person3@Example.org' }, { username: 'person3' }, { username: 'PERSON3' }]) {
    assert.match(await signIn(stack, login, `${password}!`), /invalid_credentials/);
    const { user } = await signIn(stack, login);
    assert.deepEqual([user._id, user.username, user.avatar, user.createdAt],
      [String(said.users[3]._id), 'person3', '🦊', said.users[3].createdAt.toISOString()]);
  }
  const seen = (await (await signIn(stack, { username: 'person5' })).api(`/api/users/${said.users[4]._id}`)).body;
  assert.equal(seen.lastSeen, said.users[4].lastSeen.toISOString());
});

test('a password that was longer than ours are is one still, and then another one', async (t) => {
  const uri = databaseUri('long');
  const long = `${'long and longer '.repeat(9)}secret`; // 150 characters
  await writeMevn(uri, {
    people: 1,
    messages: 0,
    direct: ({ users, people: [{ _id }] }) => users.updateOne({ _id }, {
      $set: { password: '$2b$10$abcdefghijklmnopqrstuu54rt.ITFdeUMATXmGxAiMLd6YPPjC/O' },
    }),
  });
  const stack = await startStack({ set: { lobby: 'off' } });
  t.after(() => stack.stop());
  await stack.ctl('import', 'mevn', uri);
  const login = { username: 'person0' };
  assert.match(await signIn(stack, login, `${long} no`.slice(-140)), /invalid_credentials/);
  for (let n = 0; n < 2; n += 1) assert.ok((await signIn(stack, login, long)).token); // by bcrypt's hash, then by ours
  const ann = await signIn(stack, login, long);
  const change = (words) => ann.api('/api/auth/password', { method: 'POST', body: words });
  assert.equal((await change({ password: long, newPassword: long })).status, 400);
  assert.equal((await change({ password: long, newPassword: password })).status, 200);
  assert.ok((await signIn(stack, login)).token);
});

test('imports at the same time bring each of all once (mongodb)', async (t) => {
  const uri = databaseUri('both');
  await writeMevn(uri, { people: PEOPLE, messages: 200 });
  const stack = await startStack({ set: { store: databaseUri('both_store'), lobby: 'off' } });
  t.after(() => stack.stop());
  const all = await Promise.all([0, 1, 2].map(() => stack.ctl('import', 'mevn', uri)));
  assert.deepEqual(all.map(({ code, stderr }) => [code, stderr]), all.map(() => [0, '']));
  const sum = (at) => all.reduce((n, { stdout }) => n + Number(stdout.match(/\d+/g)[at]), 0);
  assert.deepEqual([sum(0), sum(1)], [PEOPLE, 200]);
});

test('what could not be brought over as it was is said', async (t) => {
  const odd = databaseUri('odd');
  const at = (n) => new Date(Date.UTC(2024, 4, 1) + n * 1000);
  const id = (n) => `66${n.toString(16).padStart(22, '0')}`;
  await writeMevn(odd, {
    people: 2,
    messages: 0,
    direct: async ({ users, messages, ObjectId, people: [ann, bob], hash }) => {
      const person = (n, more) => ({ _id: new ObjectId(id(n)), email: `${n}@example.org`, password: hash, createdAt: at(0), ...more });
      await users.insertMany([
        person(1, { username: 'Ann Lee' }),
        person(2, { username: 'al' }),
        person(3, { username: 'PERSON1' }),
        person(4, { username: 'me@home', email: 'nowhere' }),
        person(5, { username: 'nopass', password: 'secret', avatar: 'javascript:alert(1)' }),
        { _id: 'none', username: 'nobody' },
        person(6, { username: 'twice', email: 'PERSON0@example.org', avatar: '/uploads/x.png' }),
        person(7, { username: 'shown', avatar: 'https://example.org/a.png' }),
        person(8, { username: 'plain', avatar: 'http://example.org/a.png' }),
      ]);
      const line = (n, more) => ({ _id: new ObjectId(id(n)), sender: ann._id, recipient: bob._id, content: `${n}`, createdAt: at(n), status: 'sent', ...more });
      await messages.insertMany([
        line(16, { content: '' }),
        line(17, { content: 'x'.repeat(6000) }),
        line(18, { content: 'a\0b' }),
        { ...line(19), createdAt: 'yesterday' },
        line(20, { createdAt: new Date(Date.now() + 86_400_000) }),
        line(21, { recipient: new ObjectId(id(99)) }),
        line(22, { sender: new ObjectId(id(98)), recipient: new ObjectId(id(99)) }),
        line(23, { recipient: null }),
        line(24, { sender: ann._id.toString(), recipient: ann._id }),
        { ...line(25), _id: 7 },
      ]);
    },
  });
  const stack = await startStack({ set: { lobby: 'off' } });
  t.after(() => stack.stop());
  const { stdout, stderr, code } = await stack.ctl('import', 'mevn', odd, '--json');
  assert.equal(code, 0, stderr);
  const report = JSON.parse(stdout);
  assert.deepEqual(report.notes.map((note) => note.replace(/(message|user) 66[0]*/, '$1 ')).sort(), [
    'message 10: is empty: was kept',
    'message 11: is longer than messages are: was kept',
    'message 12: is not UTF-8: what cannot be read is marked',
    'message 13: says not when: was given the time of its id',
    'message 14: is of the future: was given the time of now',
    'message 15: whom it is to is gone: was kept',
    'message 16: both whose it is are gone: was left out',
    'message 17: it is not of somebody to somebody: was left out',
    'message without an id: nothing names it: was left out',
    'user , nobody: has no id of its own: was left out',
    'user 1, Ann Lee: is Ann_Lee here: A name has no spaces and no invisible characters.',
    'user 2, al: is al_000002 here: A name has 3 to 32 characters.',
    "user 3, PERSON1: is PERSON1_000003 here: that name is another one's",
    'user 4, me@home: is me_home here: A name has no @.',
    'user 4, me@home: the address nowhere was left out, they sign in by name: This is not an email address.',
    'user 5, nopass: has no password that is one of bcrypt: give them one with palabrectl user password',
    'user 5, nopass: the picture was left out: it is neither an emoji nor https://...',
    "user 6, twice: the address PERSON0@example.org was left out, they sign in by name: it is another one's",
    'user 6, twice: the picture was left out: it is neither an emoji nor https://...',
    'user 8, plain: the picture was left out: it is neither an emoji nor https://...',
  ]);
  assert.deepEqual([report.people, report.messages, report.conversations, report.there, report.leftOut], [10, 7, 3, 0, 4]);

  const bob = await signIn(stack, { username: 'person1' });
  const list = (await bob.api('/api/conversations')).body;
  assert.equal(list.length, 1);
  assert.deepEqual((await history(bob, list[0]._id)).map(({ content }) => content.slice(0, 9)), [
    '19', '', 'xxxxxxxxx', 'a\ufffdb', '20']);
  const ann = await signIn(stack, { username: 'person0' });
  assert.equal(await countOf(ann), 7);
  const lee = await signIn(stack, { username: 'ann_lee' });
  assert.deepEqual([lee.user.displayName, lee.user._id], ['Ann Lee', id(1)]);
  assert.match(await signIn(stack, { username: 'nopass' }), /invalid_credentials/);
});

test('what cannot be imported is one clear line, without what is secret', async (t) => {
  const stack = await startStack();
  t.after(() => stack.stop());
  for (const [uri, code, line] of [
    [databaseUri('empty'), 1, /^there are no users and no messages in that database; is it this one\? mongodb:\/\/HOST\/DATABASE\n$/],
    ['sqlite:/tmp/x.db', 1, /^sqlite: is not what the old chat kept its data in: that is mongodb:\/\/\.\.\.\n$/],
    ['mongodb://me:se/cret@127.0.0.1/chat', 1, /^cannot read the MongoDB URI \(in a name/],
    ['mongodb://me:secret@127.0.0.1:1/chat?serverSelectionTimeoutMS=300', 2, /^the old store: MongoDB: No suitable servers found/],
    ['nothing', 1, /^the store is not named by a scheme/],
  ]) {
    const answer = await stack.ctl('import', 'mevn', uri);
    assert.deepEqual([answer.code, answer.stdout], [code, ''], uri);
    assert.match(answer.stderr, line);
    assert.doesNotMatch(answer.stderr, /se.?cret/);
  }
  const none = await stack.ctlGiven('', 'import', 'mevn', '-');
  assert.deepEqual([none.code, none.stderr], [1, 'no URI on standard input\n']);
});

test('an old database that takes its time keeps nobody from writing', async (t) => {
  const mongodb = await startMongodb();
  t.after(() => mongodb.destroy());
  await writeMevn(mongodb.uri, { people: 2, messages: 600 }); // more than are asked for at once
  const stack = await startStack();
  t.after(() => stack.stop());
  const [ann, bob] = [await stack.register('ann'), await stack.register('bob')];
  await mongodb.fail(['find'], { blockConnection: true, blockTimeMS: 2500 });
  const [program, ...words] = stack.ctlCommand('import', 'mevn', mongodb.uri);
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  for (let n = 0; child.exitCode === null; n += 1) {
    const sent = await ann.api('/api/messages', { body: { recipient_id: bob.id, content: `line ${n}` } });
    assert.equal(sent.status, 201, sent.text);
    await sleep(50);
  }
  assert.deepEqual(await ended, [0, null]);
});
