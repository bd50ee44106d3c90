// Addresses that operators block for a time, by every way in.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { operations } from '../support/description.mjs';
import { assertError } from '../support/http.mjs';
import { ending, enterSocket } from '../support/socket.mjs';
import { password, share, startStack } from '../support/stack.mjs';

const NOBODY = '0190000000000000000000b2';
const ELSEWHERE = '127.0.0.9';
let stack;
let boss;
let people = 0;

before(async () => {
  stack = await startStack({ set: { api_workers: 4, auth_workers: 2 } });
  boss = await operator();
});
after(() => stack.stop());

const name = (stem) => `${stem}${(people += 1)}`;
const operator = () => stack.operator(name('op'));
const act = (target, body, method) => boss.api(`/api/operator/${target}`, { body, method, from: '127.0.0.2' });
const block = (address, seconds = 3600) => act('blocks', { address, seconds });
const unblock = (address) => act(`blocks/${address}`, undefined, 'DELETE');

/* Of every worker that is asked, at once. */
async function assertAll(who, status) {
  const answers = await Promise.all(Array.from({ length: 16 }, () => who.api('/api/users/me', { from: ELSEWHERE })));
  assert.deepEqual(answers.map((answer) => answer.status), answers.map(() => status));
}

test('from a blocked address nothing is done, by nobody but operators', async () => {
  const ann = await stack.register(name('ann'));
  await assertAll(ann, 200);
  assert.equal((await block(ELSEWHERE)).status, 201);
  await assertAll(ann, 403);
  for (const { method, path: where, operation } of operations) {
    const open = operation.security !== undefined;
    if (where.startsWith('/api/operator/') || where === '/api/metrics' || (open && !['register', 'comeAsGuest'].includes(operation.operationId))) continue;
    const target = where.replace(/\{\w+\}/g, NOBODY);
    const answer = await ann.api(target, { method, from: ELSEWHERE, ...(method !== 'GET' && method !== 'DELETE' && { body: {} }) });
    assertError(answer, 403, 'blocked');
  }
  assert.equal((await ann.api('/api/users/me')).status, 200, 'from anywhere else all is well');
  assert.equal((await stack.api('/api/health', { from: ELSEWHERE })).status, 200);
  const login = await stack.api('/api/auth/login', { body: { username: boss.user.username, password }, from: ELSEWHERE });
  assert.equal(login.status, 200, 'an operator can still undo it');
  assert.equal((await boss.api('/api/operator/blocks', { from: ELSEWHERE })).status, 200);
  assert.equal((await unblock(ELSEWHERE)).status, 200);
  await assertAll(ann, 200);
});

test('an address is blocked and not blocked any more from the answer on, at whichever worker asks', async () => {
  const ann = await stack.register(name('ann'));
  const register = () => stack.api('/api/auth/register', { body: { username: name('bob'), password }, from: ELSEWHERE });
  const enter = () => stack.api('/api/auth/guest', { body: { username: name('zoe') }, from: ELSEWHERE });
  for (let i = 0; i < 5; i += 1) {
    assert.equal((await block(ELSEWHERE)).status, 201);
    await assertAll(ann, 403);
    for (const made of [await register(), await enter()]) assertError(made, 403, 'blocked');
    assert.equal((await unblock(ELSEWHERE)).status, 200);
    await assertAll(ann, 200);
    for (const made of [await register(), await enter()]) assert.equal(made.status, 201, made.text);
  }
});

test('one that palabrectl blocks is blocked a second later at most', async () => {
  const ann = await stack.register(name('ann'));
  await assertAll(ann, 200);
  assert.equal((await stack.ctl('block', ELSEWHERE, '1h')).code, 0);
  await sleep(1100);
  await assertAll(ann, 403);
  assert.equal((await stack.ctl('unblock', ELSEWHERE)).code, 0);
  await sleep(1100);
  await assertAll(ann, 200);
});

test('who is connected from there is out at once and does not come back, but operators stay', async () => {
  const ann = await stack.register(name('ann'));
  const [hers, mine] = [await ann.connect(), await boss.connect()];
  const ended = ending(hers);
  assert.equal((await block('127.0.0.1')).status, 201);
  assert.equal(await ended, 'blocked');
  await assert.rejects(ann.connect(), { data: { code: 'blocked' } });
  await assert.rejects(enterSocket(stack.url, { username: name('zoe') }), { data: { code: 'blocked' } });
  assert.equal(mine.connected, true);
  const again = await boss.connect();
  again.disconnect();
  assert.equal((await unblock('127.0.0.1')).status, 200);
  await ann.connect();
});

test('a block ends by itself, is listed until then, and is written down', async () => {
  const ann = await stack.register(name('ann'));
  await block('192.0.2.7');
  await block('2001:db8:1:2:3::4');
  const { items } = (await act('blocks', undefined, 'GET')).body;
  assert.deepEqual(items.map(({ network }) => network).sort(), ['192.0.2.7', '2001:db8:1:2::']);
  for (const { by, until } of items) assert.ok(by === boss.id && Date.parse(until) > Date.now());
  const seconds = Math.ceil(2 * share());
  assert.equal((await block(ELSEWHERE, seconds)).status, 201);
  await assertAll(ann, 403);
  await sleep(1000 * seconds);
  await assertAll(ann, 200);
  const rows = (await act('audit', undefined, 'GET')).body.items.filter(({ act: what }) => what === 'block');
  assert.ok(rows.some(({ detail }) => detail === '2001:db8:1:2::'));
  await unblock('2001:db8:1:2:ffff::');
  assert.equal((await unblock('192.0.2.7')).status, 200);
  assertError(await unblock('192.0.2.7'), 404, 'not_found');
  assert.deepEqual((await act('blocks', undefined, 'GET')).body.items, []);
});

test('what is no address or no time is refused', async () => {
  for (const [body, field] of [
    [{}, 'address'], [{ address: 'x', seconds: 1 }, 'address'], [{ address: '300.1.1.1', seconds: 1 }, 'address'],
    [{ address: '192.0.2.1' }, 'seconds'], [{ address: '192.0.2.1', seconds: 0 }, 'seconds'],
    [{ address: '192.0.2.1', seconds: 1e9 }, 'seconds'], [{ address: 7, seconds: 1 }, 'address'],
  ]) {
    assertError(await act('blocks', body), 400, 'invalid', field);
  }
});
