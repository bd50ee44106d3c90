// What operators do with palabrectl to people, to addresses and to all, without
// an account: the same as at the page, and the audit says who it was.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertError } from '../support/http.mjs';
import { endLineClients, lineConnection } from '../support/lines.mjs';
import { collect, ending, next } from '../support/socket.mjs';
import { freePort, startStack, waitFor } from '../support/stack.mjs';

const CTL = { _id: '000000000000000000000003', username: 'palabrectl' };
const SERVER = '000000000000000000000001';
let stack;
let boss;
let linePort;

before(async () => {
  linePort = await freePort();
  stack = await startStack({ set: {
    login_failures: 2, login_lock_ms: 60000, real_ip_from: '127.0.0.1', line_port: linePort, presence_grace_ms: 100,
  } });
  boss = await stack.operator('boss');
});
after(async () => {
  endLineClients();
  await stack.stop();
});

/* The standard output of what has to be done. */
async function ctl(...words) {
  const { code, stdout, stderr } = await stack.ctl(...words);
  assert.deepEqual([code, stderr], [0, ''], stderr);
  return stdout;
}

async function refused(code, line, ...words) {
  const answer = await stack.ctl(...words);
  assert.deepEqual([answer.code, answer.stdout], [code, ''], words.join(' '));
  assert.match(answer.stderr, line);
  assert.equal(answer.stderr.trimEnd().split('\n').length, 1, answer.stderr);
}

/* To look at it is a row of its own. */
const newest = async () => (await boss.api('/api/operator/audit?limit=9')).body.items
  .find(({ act }) => act !== 'audit');

async function assertAudit(act, user, detail = '') {
  const row = await newest();
  assert.deepEqual([row.by, row.act, row.user, row.detail],
    [CTL, act, user === null ? null : { _id: user.id, username: user.user.username }, detail]);
  return row;
}

test('who is here is listed, by socket and by line, with what waits for an answer', async () => {
  const ann = await stack.newcomer('ann');
  const socket = await ann.connect();
  for (const content of ['help', 'please']) {
    await ann.api('/api/messages', { body: { recipient_id: SERVER, content } });
  }
  const line = await lineConnection(linePort, 'lena\n');
  const { clients, ok } = await waitFor('lena is there', async () => {
    const said = JSON.parse(await ctl('clients', '--json'));
    return said.clients.some(({ username }) => username === 'lena') && said;
  });
  await assertAudit('clients', null);
  assert.ok(ok);
  const row = clients.find(({ id }) => id === ann.id);
  assert.deepEqual([row.transport, row.ip, row.unread, row.guest, row.connections],
    ['websocket', '127.0.0.1', 2, false, 1]);
  assert.equal(clients.find(({ username }) => username === 'lena').transport, 'line');
  const shown = (await ctl('clients')).split('\n');
  assert.match(shown[0], /^by +from +since +idle +unread +waiting +name and status$/);
  assert.ok(shown.some((text) => new RegExp(
    `^websocket  127\\.0\\.0\\.1 +\\d{4}-\\S+T\\d\\d:\\d\\d +\\d+[sm] +2 +\\d+  ${ann.user.username}$`)
    .test(text)), shown.join('\n'));
  await refused(2, /^palabre-pushd at \/nowhere\/ctl\.sock: No such file or directory\n$/,
    '--set', 'ctl_socket=/nowhere/ctl.sock', 'clients');
  socket.disconnect();
  line.end();
  await waitFor('ann is gone', async () => !(await ctl('clients')).includes(ann.user.username));
});

test('more people than a page are all listed, once', async () => {
  const herd = await Promise.all(Array.from({ length: 210 }, (_, i) => stack.connectSocket(undefined,
    { auth: { username: `guest${i}` } })));
  const { clients } = JSON.parse(await ctl('clients', '--json'));
  const names = clients.map(({ username }) => username).filter((text) => text.startsWith('guest'));
  assert.equal(new Set(names).size, 210);
  assert.equal(names.length, 210);
  for (const socket of herd) socket.disconnect();
});

test('who is kicked is out everywhere at once', async () => {
  const ann = await stack.newcomer('ann');
  const ended = ending(await ann.connect());
  assert.equal(await ctl('kick', ann.user.username), `${ann.user.username}: is signed out everywhere\n`);
  assert.equal(await ended, 'kicked');
  assertError(await ann.api('/api/users/me'), 401, 'session_expired');
  await assertAudit('kick', ann);
  await stack.login(ann.user.username);
});

test('who is muted writes nothing until then', async () => {
  const [ann, bob] = [await stack.newcomer('ann'), await stack.newcomer('bob')];
  const write = () => ann.api('/api/messages', { body: { recipient_id: bob.id, content: 'x' } });
  for (const [time, ms] of [['90', 90e3], ['10m', 600e3], ['2h', 7200e3], ['7d', 7 * 86400e3]]) {
    const { mutedUntil, ok } = JSON.parse(await ctl('mute', ann.user.username, time, '--json'));
    assert.ok(ok && Math.abs(Date.parse(mutedUntil) - Date.now() - ms) < 60e3, `${time}: ${mutedUntil}`);
    assert.equal((await assertAudit('mute', ann)).until, mutedUntil);
  }
  assertError(await write(), 403, 'muted');
  assert.equal(await ctl('mute', ann.user.username, '0'), `${ann.user.username}: may write\n`);
  assert.equal((await write()).status, 201);
});

test('nobody comes from a blocked address, until it is none any more', async () => {
  const from = { 'X-Forwarded-For': '192.0.2.7' };
  const ann = await stack.newcomer('ann');
  const ended = ending(await ann.connect({ extraHeaders: from }));
  assert.match(await ctl('block', '192.0.2.7', '1h'), /^192\.0\.2\.7: is blocked until \S+Z\n$/);
  assert.equal(await ended, 'blocked');
  await assertAudit('block', null, '192.0.2.7');
  const me = () => ann.api('/api/users/me', { headers: from });
  await waitFor('workers know', async () => (await me()).status === 403);
  const { items } = JSON.parse(await ctl('blocks', '--json'));
  assert.deepEqual(items.map(({ network }) => network), ['192.0.2.7']);
  assert.match(await ctl('blocks'), /^192\.0\.2\.7 +until \S+Z\n$/);

  assert.equal(await ctl('unblock', '192.0.2.7'), '192.0.2.7: is not blocked any more\n');
  await waitFor('workers know', async () => (await me()).status === 200);
  assert.deepEqual(JSON.parse(await ctl('blocks', '--json')), { items: [], ok: true });
  await refused(1, /^192\.0\.2\.7: is not blocked\n$/, 'unblock', '192.0.2.7');
});

test('all who are here hear what is said to all', async () => {
  const ann = await stack.newcomer('ann');
  const socket = await ann.connect();
  const heard = next(socket, 'system_message');
  assert.equal(await ctl('broadcast', 'Back at noon.', 'warning'), 'all who are here were told\n');
  const { timestamp, ...said } = await heard;
  assert.deepEqual(said, { message: 'Back at noon.', level: 'warning' });
  assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 60e3);
  await assertAudit('broadcast', null, 'Back at noon.');
});

test('where no palabre-pushd runs nothing is said to all, and it is not written down', async () => {
  const before = await newest();
  await refused(2, /^palabre-pushd does not run: nobody is here\n$/,
    '--set', 'notify_socket=/nowhere/notify.sock', '--set', `store=sqlite:${stack.dir}/../nowhere.db`,
    'broadcast', 'x');
  assert.deepEqual(await newest(), before);
});

test('a token is a session that its user sees, hears of and can end', async () => {
  const [ann, bob] = [await stack.newcomer('ann'), await stack.newcomer('bob')];
  const [socket, other] = [await ann.connect(), await bob.connect()];
  const elsewhere = collect(other, 'system_message');
  const heard = next(socket, 'system_message');
  const token = (await ctl('token', 'issue', ann.user.username)).trimEnd();
  const { message, level } = await heard;
  assert.match(message, /signed in as you, with palabrectl/);
  assert.equal(level, 'warning');
  await assertAudit('token', ann);

  const by = stack.person({ token, user: ann.user });
  assert.equal((await by.api('/api/users/me')).body._id, ann.id);
  const { items } = (await ann.api('/api/auth/sessions')).body;
  const [theirs] = items.filter(({ agent }) => agent === 'palabrectl');
  assert.equal(items.length, 2);
  assert.equal((await ann.api(`/api/auth/sessions/${theirs._id}`, { method: 'DELETE' })).status, 200);
  assertError(await by.api('/api/users/me'), 401, 'session_expired');
  assert.deepEqual(elsewhere, [], 'nobody else hears of it');

  const said = JSON.parse(await ctl('token', 'issue', boss.user.username, '--json'));
  assert.deepEqual([said.ok, said.userId, said.username], [true, boss.id, 'boss']);
  assert.ok(Date.parse(said.expiresAt) > Date.now() + 86400e3);
  assert.equal((await stack.person({ ...said, user: boss.user }).api('/api/operator/audit')).status, 200);
});

test('wrong passwords that an operator forgets are forgotten, and written down', async () => {
  const ann = await stack.newcomer('ann');
  for (let i = 0; i < 2; i += 1) {
    await stack.api('/api/auth/login', { body: { username: ann.user.username, password: 'wrong horse' } });
  }
  await ctl('user', 'unlock', ann.user.username);
  await stack.login(ann.user.username);
  await assertAudit('unlock', ann);
});

test('what an operator gets wrong is one line and nothing in the audit', async () => {
  const ann = await stack.newcomer('ann');
  const name = ann.user.username;
  assert.equal((await stack.ctl('user', 'disable', name)).code, 0);
  const before = await newest();
  for (const [code, line, ...words] of [
    [1, /there is no such user/, 'kick', 'nobody-at-all'],
    [1, /there is no such user/, 'mute', 'nobody-at-all', '1h'],
    [1, /there is no such user/, 'token', 'issue', 'nobody-at-all'],
    [1, /there is no such user/, 'token', 'issue', '@server'],
    [1, /boss: this is not done to operators/, 'kick', 'boss'],
    [1, /boss: this is not done to operators/, 'mute', 'boss', '1h'],
    [1, /is disabled/, 'token', 'issue', name],
    [1, /a time is seconds, or like/, 'mute', name, 'soon'],
    [1, /a time is seconds, or like/, 'mute', name, '-1'],
    [1, /a time is seconds, or like/, 'mute', name, '1w'],
    [1, /a time is seconds, or like/, 'mute', name, '367d'],
    [1, /a time is seconds, or like/, 'mute', name, '9223372036854775807d'],
    [1, /a time is seconds, or like/, 'block', '192.0.2.8', '0'],
    [1, /not an address/, 'block', 'example.org', '1h'],
    [1, /A message is a text/, 'broadcast', ' '],
    [1, /A message is a text/, 'broadcast', 'x'.repeat(5001)],
    [1, /A level is/, 'broadcast', 'x', 'loud'],
    [2, /token\.key/, '--set', 'key_file=/nowhere/token.key', 'token', 'issue', 'boss'],
    [2, /^palabrectl: this is: palabrectl mute NAME TIME\n$/, 'mute', name],
    [2, /^palabrectl: token: no such command/, 'token'],
  ]) await refused(code, line, ...words);
  assert.deepEqual(await newest(), before);
});
