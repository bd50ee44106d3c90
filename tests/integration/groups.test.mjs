// Groups over the real stack: what each member sees, at once and afterwards.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertError } from '../support/http.mjs';
import { call, collect, next } from '../support/socket.mjs';
import { startStack, waitFor } from '../support/stack.mjs';

const NOBODY = '0190000000000000000000b2';
let stack;

before(async () => { stack = await startStack(); });
after(() => stack.stop());

const person = (name) => stack.newcomer(name);

const trio = () => Promise.all(['ann', 'bob', 'cat'].map(person));

async function make(owner, ...members) {
  const answer = await owner.api('/api/conversations',
    { body: { title: 'Garden', members: members.map(({ id }) => id) } });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body;
}

const act = (who, path, method, body) => who.api(`/api/conversations/${path}`, { method, body });
const say = (who, id, content) =>
  who.api('/api/messages', { body: { conversationId: id, content } });

async function history(who, id) {
  const answer = await who.api(`/api/messages/conversation?conversationId=${id}`);
  return answer.status === 200 ? answer.body.items : answer.status;
}

test('who is in a new group sees it at once, and what is written in it', async () => {
  const [ann, bob, cat] = await trio();
  const [mine, his, hers] = await Promise.all([ann.connect(), bob.connect(), cat.connect()]);
  const opened = [mine, his].map((socket) => next(socket, 'conversation:new'));
  const outside = collect(hers, 'conversation:new');
  const heard = collect(his, 'message:new');

  const group = await make(ann, bob);
  assert.equal(group.kind, 'group');
  assert.equal(group.title, 'Garden');
  assert.equal(group.otherUser, null);
  assert.deepEqual(group.members.map(({ userId, role }) => [userId, role]).sort(),
    [[ann.id, 'owner'], [bob.id, 'member']].sort());
  for (const view of await Promise.all(opened)) assert.equal(view._id, group._id);
  await waitFor('the message that says so', () => heard.length === 1);
  assert.equal(heard[0].kind, 'system');
  assert.equal(heard[0].system.event, 'made');
  assert.match(heard[0].content, /^ann\d+ made the group "Garden"$/);

  const ack = await call(mine, 'send-message', { conversationId: group._id, content: 'hello' });
  assert.equal(ack.ok, true);
  await waitFor('the text', () => heard.length === 2);
  assert.equal(heard[1].content, 'hello');
  assert.equal(heard[1].recipient, null);
  assert.equal(outside.length, 0);
  assertError(await say(cat, group._id, 'let me in'), 404, 'not_found');
  const [row] = (await bob.api('/api/conversations')).body;
  assert.equal(row._id, group._id);
  assert.equal(row.unread, 2);
});

test('many who are added at once see it at once, too', async () => {
  const many = await Promise.all(Array.from({ length: 40 }, () => person('eve')));
  const ann = await person('ann');
  const sockets = await Promise.all([ann, ...many].map((who) => who.connect()));
  const opened = sockets.map((socket) => collect(socket, 'conversation:new'));
  const heard = sockets.map((socket) => collect(socket, 'message:new'));
  const { _id } = await make(ann, ...many);
  await say(ann, _id, 'hello');
  await waitFor('all of them', () => heard.every((messages) => messages.length === 2));
  for (const views of opened) assert.deepEqual(views.map(({ _id: id }) => id), [_id]);
  for (const socket of sockets) socket.disconnect();
});

test('who is added later sees what is written from then on, and nothing before', async () => {
  const [ann, bob, cat] = await trio();
  const group = await make(ann, bob);
  await say(ann, group._id, 'before');
  const hers = await cat.connect();
  const opened = next(hers, 'conversation:new');
  const heard = collect(hers, 'message:new');

  const added = await act(bob, `${group._id}/members`, 'POST', { userId: cat.id });
  assert.equal(added.status, 200);
  assert.equal((await opened)._id, group._id);
  await say(ann, group._id, 'after');
  await waitFor('both messages', () => heard.length === 2);
  assert.match(heard[0].content, /^bob\d+ added cat\d+$/);
  assert.equal(heard[1].content, 'after');
  const seen = await history(cat, group._id);
  assert.deepEqual(seen.map(({ seq }) => seq), [3, 4]);
  assertError(await cat.api(`/api/messages/${group.lastMessage._id}`, { method: 'DELETE' }), 404, 'not_found');
});

test('who is added later, or again, hears of no change to what was before', async () => {
  const [ann, bob, cat] = await trio();
  const group = await make(ann, bob, cat);
  const before = (await say(ann, group._id, 'before')).body._id;
  assert.equal((await act(ann, `${group._id}/members/${cat.id}`, 'DELETE')).status, 200);
  assert.equal((await act(ann, `${group._id}/members`, 'POST', { userId: cat.id })).status, 200);
  const since = (await say(ann, group._id, 'after')).body._id;
  const [his, hers] = await Promise.all([bob.connect(), cat.connect()]);
  const names = ['message:updated', 'message:reaction', 'message:deleted'];
  const [bobs, cats] = [his, hers].map((socket) => names.map((name) => collect(socket, name)));
  for (const id of [before, since]) {
    for (const [path, method, body] of [
      ['', 'PUT', { content: 'edited' }], ['/reactions', 'PUT', { emoji: '\u{1f44d}', on: true }], ['', 'DELETE'],
    ]) {
      const { status, text } = await ann.api(`/api/messages/${id}${path}`, { method, body });
      assert.ok(status < 300, text);
    }
  }
  const heard = (events) => events.map((list) => list.map((event) => event._id ?? event.messageId));
  await waitFor('what comes last', () => cats[2].length > 0 && bobs[2].length > 1);
  assert.deepEqual(heard(bobs), names.map(() => [before, since]));
  assert.deepEqual(heard(cats), names.map(() => [since]));
});

test('who leaves or is removed hears nothing more, and the owner is inherited', async () => {
  const [ann, bob, cat] = await trio();
  const group = await make(ann, bob, cat);
  const [his, hers] = await Promise.all([bob.connect(), cat.connect()]);
  const heard = collect(hers, 'message:new');
  const gone = next(hers, 'conversation:gone');
  const updated = next(his, 'conversation:updated');

  assert.equal((await act(ann, `${group._id}/members/${cat.id}`, 'DELETE')).status, 200);
  assert.deepEqual(await gone, { conversationId: group._id });
  assert.ok(!(await updated).members.some(({ userId }) => userId === cat.id));
  await say(ann, group._id, 'without her');
  assert.equal(await history(cat, group._id), 404);
  assert.deepEqual((await cat.api('/api/conversations')).body, []);
  const sync = await cat.api('/api/sync', { body: { conversations: { [group._id]: { seq: 1, change: 0 } } } });
  assert.deepEqual(sync.body.gone, [group._id]);

  const inherited = next(his, 'conversation:updated');
  assert.equal((await act(ann, `${group._id}/members/me`, 'DELETE')).status, 200);
  assert.deepEqual((await inherited).members.map(({ userId, role }) => [userId, role]), [[bob.id, 'owner']]);
  const left = (await act(bob, group._id, 'GET')).body;
  assert.deepEqual(left.members.map(({ userId, role }) => [userId, role]), [[bob.id, 'owner']]);
  assert.match(left.lastMessage.content, /^ann\d+ left$/);
  assert.deepEqual(left.lastMessage.system.users.map(({ _id }) => _id), [bob.id]);
  assert.ok(!heard.some(({ content }) => content === 'without her'));
});

test('only an owner changes title and picture, removes and hands over', async () => {
  const [ann, bob, cat] = await trio();
  const group = await make(ann, bob);
  for (const body of [{ title: 'Mine' }, { avatar: '🌳' }, { owner: bob.id }]) {
    assertError(await act(bob, group._id, 'PATCH', body), 403, 'forbidden');
  }
  assertError(await act(bob, `${group._id}/members/${ann.id}`, 'DELETE'), 403, 'forbidden');
  assertError(await act(cat, group._id, 'PATCH', { title: 'Mine' }), 404, 'not_found');
  const changed = await act(ann, group._id, 'PATCH', { title: 'Orchard', avatar: '🌳', owner: bob.id });
  assert.equal(changed.status, 200);
  assert.equal(changed.body.title, 'Orchard');
  assert.equal(changed.body.avatar, '🌳');
  assert.equal(changed.body.members.find(({ userId }) => userId === bob.id).role, 'owner');
  assert.deepEqual((await history(bob, group._id)).map(({ system }) => system?.event),
    ['made', 'title', 'picture', 'owner']);
  assertError(await act(ann, group._id, 'PATCH', { title: 'Again' }), 403, 'forbidden');
});

test('a link lets people in until it is taken back or ends', async () => {
  const [ann, bob, cat] = await trio();
  const group = await make(ann);
  const join = (who, code) => who.api('/api/join', { body: { code } });
  assertError(await act(bob, `${group._id}/link`, 'POST', {}), 404, 'not_found');
  const link = (await act(ann, `${group._id}/link`, 'POST', {})).body;
  assert.equal((await act(ann, `${group._id}/link`, 'POST', {})).body.code, link.code);
  const joined = await join(bob, link.code);
  assert.equal(joined.status, 200);
  assert.match(joined.body.lastMessage.content, /^bob\d+ joined$/);
  assert.equal((await join(bob, link.code)).body._id, group._id, 'once more is no harm');
  assertError(await act(bob, `${group._id}/link`, 'POST', {}), 403, 'forbidden');
  assert.equal((await act(ann, `${group._id}/link`, 'DELETE')).status, 200);
  assertError(await join(cat, link.code), 410, 'link_revoked');
  assertError(await join(cat, 'AAAAAAAAAAAAAAAAAAAAAA'), 404, 'not_found');
  const week = (await act(ann, `${group._id}/link`, 'POST', { expiresIn: 604800 })).body;
  const again = (await act(ann, `${group._id}/link`, 'POST', { expiresIn: 604800 })).body;
  assert.equal(again.code, week.code, 'who was given it first still comes by it');
  assert.ok(again.expiresAt >= week.expiresAt);
  const month = (await act(ann, `${group._id}/link`, 'POST', { expiresIn: 2592000 })).body;
  assert.deepEqual((await act(ann, `${group._id}/link`, 'POST', {})).body, month, 'who says no time takes none away');
  const brief = (await act(ann, `${group._id}/link`, 'POST', { expiresIn: 1 })).body;
  assert.equal(brief.code, week.code);
  await waitFor('its end', () => Date.now() > Date.parse(brief.expiresAt), 5000);
  assertError(await act(bob, `${group._id}/link`, 'DELETE'), 403, 'forbidden');
  assertError(await join(cat, brief.code), 410, 'link_expired');
});

test('who lets only contacts add them is asked first', async () => {
  const [ann, bob, cat] = await trio();
  const changed = await bob.api('/api/users/profile', { method: 'PATCH', body: { contactsAdd: true } });
  assert.equal(changed.body.contactsAdd, true);
  const group = await make(ann, cat);
  assertError(await ann.api('/api/conversations', { body: { title: 'x', members: [bob.id] } }), 403, 'add_declined', bob.id);
  assertError(await act(ann, `${group._id}/members`, 'POST', { userIds: [bob.id] }), 403, 'add_declined', bob.id);
  assert.equal((await bob.api('/api/messages', { body: { recipient_id: ann.id, content: 'do' } })).status, 201);
  assert.equal((await act(ann, `${group._id}/members`, 'POST', { userIds: [bob.id] })).status, 200);
  assertError(await act(cat, `${group._id}/members?userId=${bob.id}`, 'DELETE'), 403, 'forbidden');
  assert.equal((await act(cat, `${group._id}/members`, 'DELETE')).body.message, 'You have left the group.');
});

test('people in a small group see each other come and go', async () => {
  const [ann, bob, cat] = await trio();
  const mine = await ann.connect();
  await make(ann, bob);
  const came = next(mine, 'user-online');
  const his = await bob.connect();
  assert.equal((await came).userId, bob.id);
  const typing = next(mine, 'typing');
  const group = (await bob.api('/api/conversations')).body[0];
  his.emit('typing', { conversationId: group._id });
  assert.equal((await typing).from, bob.id);
  assert.ok(cat);
});

test('a group takes no more than the operator lets it', async () => {
  const small = await startStack({ set: { group_max: 2 } });
  try {
    const [ann, bob, cat] = await Promise.all(['ann', 'bob', 'cat'].map((name) => small.register(name)));
    const ids = [bob.id, cat.id];
    assertError(await ann.api('/api/conversations', { body: { title: 'x', members: ids } }), 409, 'group_full', cat.id);
    const group = await make(ann, bob);
    assertError(await act(bob, `${group._id}/members`, 'POST', { userId: cat.id }), 409, 'group_full', cat.id);
    const { code } = (await act(ann, `${group._id}/link`, 'POST', {})).body;
    assertError(await cat.api('/api/join', { body: { code } }), 409, 'group_full');
  } finally {
    await small.stop();
  }
});

test('what is asked for in a wrong way is refused, and names the field', async () => {
  const [ann, bob] = await trio();
  const group = await make(ann);
  const post = (body) => ann.api('/api/conversations', { body });
  assertError(await post({ members: [] }), 400, 'invalid', 'title');
  assertError(await post({ title: '  ', members: [] }), 400, 'invalid', 'title');
  assertError(await post({ title: 'x'.repeat(101) }), 400, 'invalid', 'title');
  assertError(await post({ title: 'a\nb' }), 400, 'invalid', 'title');
  assertError(await post({ title: 'x', members: 'all' }), 400, 'invalid', 'members');
  assertError(await post({ title: 'x', members: ['me'] }), 400, 'invalid', 'members');
  assertError(await post({ title: 'x', members: [NOBODY] }), 404, 'not_found', NOBODY);
  assertError(await act(ann, group._id, 'PATCH', {}), 400, 'invalid', 'title');
  assertError(await act(ann, `${group._id}/members`, 'POST', {}), 400, 'invalid', 'userId');
  assertError(await act(ann, `${group._id}/members/${bob.id}`, 'DELETE'), 404, 'not_found');
  assertError(await act(ann, `${group._id}/link`, 'POST', { expiresIn: 0 }), 400, 'invalid', 'expiresIn');
  assertError(await ann.api('/api/join', { body: {} }), 400, 'invalid', 'code');
  assertError(await act(ann, NOBODY, 'GET'), 404, 'not_found');
});

const mute = (who, id, mutedUntil) => act(who, `${id}/own`, 'PATCH', { mutedUntil });

test('a conversation is muted on all devices of one of its members, and for nobody else', async () => {
  const [ann, bob] = await trio();
  const group = await make(ann, bob);
  assert.equal(group.mutedUntil, null);
  const sockets = await Promise.all([bob.connect(), bob.connect(), ann.connect()]);
  const [one, other, hers] = sockets.map((socket) => collect(socket, 'conversation:own'));
  const before = (await bob.api('/api/sync', { body: {} })).body;
  const until = new Date(Date.now() + 3600_000).toISOString();
  const muted = (await mute(bob, group._id, until)).body;
  assert.deepEqual(muted, {
    conversationId: group._id, mutedUntil: until, pinnedAt: null, archivedSeq: null, markedUnread: false, draft: null, own: 1,
  });
  await waitFor('both devices', () => one.length === 1 && other.length === 1);
  assert.deepEqual(other[0], muted);
  assert.deepEqual((await mute(bob, group._id, until)).body, muted, 'the same again');
  assert.equal((await mute(bob, group._id, 'forever')).body.mutedUntil, '9999-12-31T23:59:59.999Z');
  assert.equal((await act(bob, group._id, 'GET')).body.mutedUntil, '9999-12-31T23:59:59.999Z');
  assert.equal((await act(ann, group._id, 'GET')).body.mutedUntil, null);

  /* a device that was away */
  const sync = (own) => bob.api('/api/sync', { body: {
    epoch: before.epoch, own, conversations: { [group._id]: { seq: group.lastSeq, change: 0 } } } });
  const away = (await sync(before.own)).body;
  assert.equal(away.own, 2);
  assert.deepEqual(away.ownChanged.map(({ conversationId }) => conversationId), [group._id]);
  assert.deepEqual((await sync(2)).body.ownChanged, []);
  assert.equal((await mute(bob, group._id, null)).body.mutedUntil, null);
  assert.equal((await mute(bob, group._id, '2000-01-01T00:00:00Z')).body.mutedUntil, null, 'it is over');
  assert.equal(hers.length, 0);

  for (const wrong of ['soon', 7, '2026-02-30T00:00:00Z', {}]) {
    assertError(await mute(bob, group._id, wrong), 400, 'invalid', 'mutedUntil');
  }
  assertError(await act(bob, `${group._id}/own`, 'PATCH', {}), 400, 'invalid', 'mutedUntil');
  assertError(await mute(bob, NOBODY, null), 404, 'not_found');
});

test('a picture is a file of its owner, and every member reads it', async () => {
  const [ann, bob, cat] = await trio();
  const gif = Buffer.from('R0lGODlhAQABAIAAAP///wAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64');
  const upload = async (who) => (await who.api('/api/files',
    { body: gif, headers: { 'Content-Type': 'application/octet-stream' } })).body;
  const group = await make(ann, bob);
  const [mine, hers] = [await upload(ann), await upload(cat)];
  assertError(await act(ann, group._id, 'PATCH', { avatar: hers._id }), 404, 'not_found');
  assertError(await ann.api('/api/conversations', { body: { title: 'x', avatar: hers._id } }), 404, 'not_found');
  assertError(await ann.api('/api/users/profile', { method: 'PATCH', body: { avatar: hers._id } }), 400, 'invalid', 'avatar');
  assertError(await stack.api('/api/auth/register', { body: { username: 'mallory', password: 'correct horse', avatar: hers._id } }),
    400, 'invalid', 'avatar');
  for (const avatar of ['javascript:alert(1)', 'two words']) {
    assertError(await act(ann, group._id, 'PATCH', { avatar }), 400, 'invalid', 'avatar');
  }
  const words = (await ann.api('/api/files',
    { body: Buffer.from('<!DOCTYPE html><p>words'), headers: { 'Content-Type': 'application/octet-stream' } })).body;
  assertError(await act(ann, group._id, 'PATCH', { avatar: words._id }), 400, 'invalid', 'avatar');
  assertError(await ann.api('/api/conversations', { body: { title: 'x', avatar: words._id } }), 400, 'invalid', 'avatar');
  assertError(await ann.api('/api/users/profile', { method: 'PUT', body: { avatar: words._id } }), 400, 'invalid', 'avatar');
  const read = async (who) => (await fetch(`${stack.url}/api/files/${mine._id}`,
    { headers: { Authorization: `Bearer ${who.token}` } })).status;
  assert.equal(await read(bob), 404);
  assert.equal((await act(ann, group._id, 'PATCH', { avatar: mine._id })).body.avatar, mine._id);
  assert.equal(await read(bob), 200);
  assert.equal(await read(cat), 404);
});

/* Who is in it is asked for page by page, and what may be done to them is. */
async function membersArePaged(ann, bob, { _id }, everyone) {
  const page = async (who, which = '') => (await who.api(`/api/conversations/${_id}/members?${which}`)).body;
  const seen = [];
  for (let more = '', body; more !== null; more = body.more ? seen.at(-1) : null) {
    body = await page(bob, `limit=40${more && `&after=${more}`}`);
    assert.deepEqual([body.total, body.role], [101, 'member']);
    if (!seen.length) {
      const [{ user, role, joinedSeq }] = body.items;
      assert.deepEqual([user._id, user.username, role, joinedSeq], [ann.id, 'person0', 'owner', 1]);
    }
    seen.push(...body.items.map(({ user }) => user._id));
  }
  assert.deepEqual(seen.sort(), everyone.map(({ id }) => id).sort());
  assert.equal(new Set(seen).size, 101);
  const found = await page(ann, 'q=SON99');
  assert.deepEqual([found.items.map(({ user }) => user.username), found.total, found.more, found.role],
    [['person99'], 1, false, 'owner']);
  assert.deepEqual((await page(ann, 'q=nobody')).items, []);
  for (const wrong of ['limit=0', 'after=x']) {
    assertError(await ann.api(`/api/conversations/${_id}/members?${wrong}`), 400, 'invalid', wrong.split('=')[0]);
  }
  assertError(await ann.api('/api/conversations/x/members'), 404, 'not_found');
}

test('above 100 members nobody hears how far others have read, and all of one\'s own devices do', async () => {
  const large = await startStack();
  try {
    const everyone = [];
    for (let from = 0; from < 101; from += 20) { // more at once may take longer than one waits for
      everyone.push(...await Promise.all(Array.from({ length: Math.min(20, 101 - from) },
        (_, n) => large.register(`person${from + n}`))));
    }
    const [ann, bob] = everyone;
    const group = await make(ann, ...everyone.slice(1));
    assert.equal(group.members, null);
    await membersArePaged(ann, bob, group, everyone);
    const sockets = await Promise.all([ann.connect(), bob.connect(), bob.connect()]);
    const [hers, his, too] = sockets.map((socket) => collect(socket, 'message:read'));
    assert.equal((await call(sockets[1], 'message-read', { conversationId: group._id, seq: 1 })).ok, true);
    await waitFor('his own devices', () => his.length === 1 && too.length === 1);
    assert.equal(too[0].readSeq, 1);
    const known = { conversations: { [group._id]: { seq: 1, change: 0 } } };
    const pointers = async (who) => {
      const { epoch } = (await who.api('/api/sync', { body: {} })).body;
      return (await who.api('/api/sync', { body: { epoch, ...known } })).body.pointers[group._id];
    };
    assert.deepEqual(await pointers(bob), [{ userId: bob.id, receivedSeq: 1, readSeq: 1 }]);
    assert.deepEqual(await pointers(ann), [{ userId: ann.id, receivedSeq: 1, readSeq: 1 }]);
    assert.equal((await history(ann, group._id))[0].status, 'sent');
    assert.equal(hers.length, 0);
  } finally {
    await large.stop();
  }
});

test('several people who type are told apart', async () => {
  const [ann, bob, cat] = await trio();
  const group = await make(ann, bob, cat);
  const [mine, his, hers] = await Promise.all([ann.connect(), bob.connect(), cat.connect()]);
  const heard = collect(mine, 'typing');
  his.emit('typing', { conversationId: group._id });
  hers.emit('typing', { conversationId: group._id });
  await waitFor('both', () => heard.length === 2);
  assert.deepEqual(heard.map(({ from }) => from).sort(), [bob.id, cat.id].sort());
  const stopped = next(mine, 'typing-stopped');
  his.emit('typing-stopped', { conversationId: group._id });
  assert.equal((await stopped).from, bob.id);
});
