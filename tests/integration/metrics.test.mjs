// What operators and their programs are told of the server, after traffic that
// is known.
import assert from 'node:assert/strict';
import { readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { assertError } from '../support/http.mjs';
import { endLineClients, lineConnection } from '../support/lines.mjs';
import { call } from '../support/socket.mjs';
import { freePort, share, startStack, top, waitFor } from '../support/stack.mjs';

const SCRAPER = '127.0.0.2';
let stack, port, ann, bob, boss;

before(async () => {
  port = await freePort();
  stack = await startStack({ set: { line_port: port, api_workers: 2, presence_grace_ms: 100, metrics_from: `192.0.2.0/24 ${SCRAPER}` } });
  [ann, bob] = await Promise.all([stack.register('ann'), stack.register('bob')]);
  boss = await stack.operator('boss');
});
after(async () => {
  endLineClients();
  await stack?.stop();
});

const figures = async () => (await boss.api('/api/operator/figures')).body;
const scrape = () => stack.api('/api/metrics', { from: SCRAPER });
/* What palabre-pushd has no time for at once, they leave out. */
const withPush = () => waitFor('palabre-pushd to answer', async () => {
  const all = await figures();
  return all.push && all;
});
const whole = (ask = scrape) => waitFor('all of it', async () => {
  const said = await ask();
  return /^palabre_push_up 1$/m.test(said.text ?? said.stdout) && said;
});

/* {types: {metric: type}, helps, labels: {metric: Set}, values: {'metric{labels}': number}} */
function parse(text) {
  const all = { types: {}, helps: {}, labels: {}, values: {} };
  for (const line of text.trimEnd().split('\n')) {
    const [, what, name, rest] = /^# (HELP|TYPE) (\w+) (.*)$/.exec(line) ?? [];
    if (what) {
      all[what === 'HELP' ? 'helps' : 'types'][name] = rest;
      if (what === 'TYPE') all.labels[name] = new Set();
      continue;
    }
    const [, full, said = '', value] = /^(\w+)(?:\{((?:\w+="[^"\\]*",?)+)\})? (\d+(?:\.\d+)?)$/.exec(line) ?? assert.fail(line);
    const metric = full in all.types ? full : full.replace(/_(bucket|sum|count)$/, '');
    assert.ok(metric in all.types, `${full} was announced`);
    for (const [, label] of said.matchAll(/(\w+)=/g)) all.labels[metric].add(label);
    assert.ok(!(`${full}{${said}}` in all.values), line);
    all.values[`${full}{${said}}`] = Number(value);
  }
  return all;
}
const values = async () => parse((await whole()).text).values;

/* What has changed meanwhile, by those names. */
async function counted(names, act) {
  const before_ = await values();
  await act();
  const after_ = await values();
  return names.map((name) => (after_[name] ?? 0) - (before_[name] ?? 0));
}
const sum = (list) => list.reduce((all, one) => all + one, 0);
const send = (clientId) => ann.api('/api/messages', { body: { recipient_id: bob.id, content: 'x', clientId } });

test('operators alone see the figures', async () => {
  assertError(await ann.api('/api/operator/figures'), 403, 'forbidden');
  assert.equal((await boss.api('/api/operator/figures')).status, 200);
});

test('each message counts once, whichever way it came', async () => {
  const before_ = (await figures()).messages;
  for (const id of ['m1', 'm2', 'm3']) assert.equal((await send(id)).status, 201);
  assert.equal((await send('m1')).status, 200, 'a duplicate');
  const socket = await ann.connect();
  for (const id of ['m4', 'm5']) {
    assert.equal((await call(socket, 'send-message', { to: bob.id, content: 'x', clientId: id })).ok, true);
  }
  const { messages, store } = await figures();
  assert.equal(messages.total - before_.total, 5);
  assert.equal(messages.minutes.length, 60);
  assert.equal(sum(messages.minutes) - sum(before_.minutes), 5);
  assert.ok(sum(store.writes) >= 5);
  assert.ok(store.writeMicros.some((micros) => micros > 0));
  assert.ok(Math.max(...store.slowestMicros) >= Math.max(...store.writeMicros));
  for (const bytes of [store.size, store.logSize, store.diskLeft]) assert.ok(bytes > 0);
  socket.disconnect();
});

test('connections count by transport', async () => {
  const transport = ({ push: { websockets, polls, lines } }) => [websockets, polls, lines];
  await waitFor('nobody is there', async () => sum(transport(await withPush())) === 0);
  const sockets = await Promise.all([ann.connect({ transports: ['websocket'] }),
    bob.connect({ transports: ['websocket'] }), bob.connect({ transports: ['polling'] })]);
  const line = await lineConnection(port, 'zoe\n');
  await waitFor('all are', async () => String(transport(await withPush())) === '2,1,1');
  sockets.forEach((socket) => socket.disconnect());
  line.end();
  await waitFor('they have left', async () => sum(transport(await withPush())) === 0);
});

test('what waits for a client that does not read counts in bytes', async () => {
  const line = await lineConnection(port, 'max\n');
  line.socket.pause();
  const fill = async () => {
    for (let i = 0; i < 20; i += 1) await boss.api('/api/operator/broadcast', { body: { message: 'x'.repeat(4000) } });
    return (await withPush()).push.queueBytes > 10000;
  };
  await waitFor('bytes wait', fill, 30000);
  line.end();
  await waitFor('none do', async () => (await withPush()).push.queueBytes === 0);
});

test('a worker that dies counts, and one that is replaced does not', async () => {
  const { workers } = await figures();
  assert.equal(workers.running, stack.children('palabre-api').length);
  process.kill(stack.workers('palabre-api')[0], 'SIGKILL');
  await waitFor('it is seen', async () => (await figures()).workers.died === workers.died + 1);
  const old = stack.workers('palabre-api');
  await stack.signal('palabre-api', 'SIGHUP');
  await waitFor('all are new', () => stack.workers('palabre-api').every((pid) => !old.includes(pid)));
  await waitFor('nobody leaves any more', async () => (await figures()).workers.leaving === 0);
  const { died, stuck, late, running } = (await figures()).workers;
  assert.deepEqual([died, stuck, late, running], [workers.died + 1, workers.stuck, workers.late, workers.running]);
});

test('a palabre-pushd that does not answer is said not to, and keeps nobody waiting', async () => {
  const pid = stack.pid('palabre-pushd');
  process.kill(pid, 'SIGSTOP');
  try {
    const answer = await boss.api('/api/operator/figures');
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.body.push, null);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await waitFor('it does again', async () => (await figures()).push !== null);
});

test('a scrape is for operators and for whom metrics_from names', async () => {
  assertError(await stack.api('/api/metrics'), 401, 'unauthorized');
  assertError(await ann.api('/api/metrics'), 403, 'forbidden');
  assertError(await stack.api('/api/metrics', { headers: { 'X-Forwarded-For': SCRAPER, 'X-Real-IP': SCRAPER } }), 401, 'unauthorized');
  assert.equal((await boss.api('/api/metrics')).status, 200);
  const answer = await whole();
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal((await stack.api('/api/operator/figures', { from: SCRAPER })).status, 200);
  assert.equal((await stack.api('/api/operator/audit', { from: SCRAPER })).status, 401, 'and nothing else');
  const command = await whole(() => stack.ctl('metrics'));
  assert.deepEqual([command.code, command.stderr], [0, '']);
  assert.deepEqual(parse(command.stdout).types, parse(answer.text).types);
  assert.equal(JSON.parse((await stack.ctl('metrics', '--json')).stdout).messages.minutes.length, 60);
});

test('palabrectl says in one line that palabre-api is not there', async () => {
  const { code, stderr } = await stack.ctl('--set', 'api_socket=/nowhere/api.sock', 'metrics');
  assert.equal(code, 2);
  assert.equal(stderr, 'palabrectl: palabre-api at /nowhere/api.sock: No such file or directory\n');
});

test('docs/metrics.md has every metric, as a scrape has it', async () => {
  await send('documented');
  const { types, helps, labels } = parse((await whole()).text);
  const rows = [...readFileSync(path.join(top, 'docs/metrics.md'), 'utf8')
    .matchAll(/^\| `(palabre_\w+)` \| (\w+) \| (.*?) \| (.*) \|$/gm)];
  assert.deepEqual(rows.map(([, name, type, , help]) => [name, type, help]),
    Object.keys(types).map((name) => [name, types[name], helps[name]]));
  assert.deepEqual(Object.fromEntries(rows.map(([, name, , of]) => [name, [...of.matchAll(/`(\w+)`/g)].map(([, label]) => label).sort()])),
    Object.fromEntries(Object.entries(labels).map(([name, of]) => [name, [...of].sort()])));
});

test('docs/grafana.json shows every metric, and none that there is not', async () => {
  const { types } = parse((await whole()).text);
  const { panels, templating } = JSON.parse(readFileSync(path.join(top, 'docs/grafana.json'), 'utf8'));
  const said = [...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)), ...templating.list.map(({ query }) => query)].join('\n');
  const shown = new Set([...said.matchAll(/palabre_\w+/g)].map(([name]) =>
    (name in types ? name : name.replace(/_(bucket|sum|count)$/, ''))));
  assert.deepEqual([...shown].sort(), Object.keys(types).sort());
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
});

test('requests count by route, never by what was asked for', async () => {
  const route = 'method="GET",route="/api/users/:id"';
  const unknown = 'method="",route=""';
  assert.deepEqual(await counted([
    `palabre_requests_total{${route},status="2xx"}`, `palabre_requests_total{${route},status="4xx"}`,
    `palabre_request_seconds_count{${route}}`, `palabre_request_seconds_bucket{${route},le="+Inf"}`,
    `palabre_requests_total{${unknown},status="4xx"}`, 'palabre_refusals_total{code="not_found"}',
  ], async () => {
    for (const id of [ann.id, bob.id, 'nobody']) await ann.api(`/api/users/${id}`);
    await ann.api('/api/secret-name');
  }), [2, 1, 3, 3, 1, 2]);
  assert.ok(!(await scrape()).text.match(new RegExp(`${ann.id}|secret-name`)));
});

test('so do messages, refusals, connections and what the store took', async () => {
  const socket = await bob.connect({ transports: ['websocket'] });
  let late;
  const [messages, commands, bad, writes, commits, deliveries, events, sockets] = await counted([
    'palabre_messages_total{}', 'palabre_requests_total{method="POST",route="/api/messages",status="2xx"}',
    'palabre_refusals_total{code="invalid"}', 'palabre_store_seconds_count{operation="write"}',
    'palabre_store_seconds_count{operation="commit"}', 'palabre_deliveries_total{}', 'palabre_events_total{}',
    'palabre_connections_total{kind="socket"}',
  ], async () => {
    late = await bob.connect({ transports: ['websocket'] });
    for (const id of ['s1', 's2', 's1']) await send(id);
    assert.equal((await call(socket, 'send-message', { to: ann.id, content: 'x' })).ok, true);
    assert.equal((await call(socket, 'send-message', { to: ann.id, content: '' })).ok, false);
  });
  assert.deepEqual([messages, commands, bad, events, sockets], [3, 3, 1, 2, 1]);
  assert.ok(writes >= 4 && commits >= 4, `${writes} writes, ${commits} commits`);
  assert.ok(deliveries >= 5, `${deliveries}`); // two sockets hear two, and one of them its own
  assert.equal((await values())['palabre_connections{transport="websocket"}'], 2);
  await waitFor('bob alone is online', async () => (await values())['palabre_users_online{}'] === 1);
  [socket, late].forEach((one) => one.disconnect());
});

test('a killed worker of each kind counts', async () => {
  const names = ['died', 'stuck', 'late'].map((reason) => `palabre_worker_restarts_total{pool="housekeeping",reason="${reason}"}`);
  assert.deepEqual(await counted(names, async () => {
    const before_ = (await values())[names[0]];
    process.kill(stack.keeper(), 'SIGKILL');
    await waitFor('it is counted', async () => (await values())[names[0]] > before_);
    await waitFor('another keeps house', () => stack.keeper());
  }), [1, 0, 0]);
});

test('buckets hold what was no longer, and every one the next', async () => {
  const now = await values();
  const buckets = Object.entries(now).filter(([name]) => name.startsWith('palabre_store_seconds_bucket{operation="write"'));
  const bounds = buckets.map(([name]) => Number(/le="(.*?)"/.exec(name)[1].replace('+Inf', 'Infinity')));
  assert.deepEqual(bounds, [...bounds].sort((a, b) => a - b));
  assert.deepEqual(bounds.slice(0, 3), [0.00025, 0.0005, 0.001]);
  assert.equal(bounds.at(-1), Infinity);
  buckets.slice(1).forEach(([name, count], i) => assert.ok(count >= buckets[i][1], name));
  assert.equal(buckets.at(-1)[1], now['palabre_store_seconds_count{operation="write"}']);
});

test('who watches is answered while palabre-pushd hangs, and while the store is gone', async () => {
  const pid = stack.pid('palabre-pushd');
  process.kill(pid, 'SIGSTOP');
  try {
    const { text, status } = await scrape();
    assert.equal(status, 200);
    const { values: now, types } = parse(text);
    assert.equal(now['palabre_push_up{}'], 0);
    assert.ok(!('palabre_connections' in types));
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  const db = path.join(stack.dir, 'palabre.db');
  renameSync(db, `${db}.away`);
  try {
    await waitFor('it is noticed', async () => (await ann.api('/api/users/me')).status === 503, 5000 * share());
    const { status, text } = await scrape();
    assert.equal(status, 200);
    const now = parse(text).values;
    assert.ok(now['palabre_refusals_total{code="store_unavailable"}'] > 0);
    assert.ok(now['palabre_requests_total{method="GET",route="/api/users/me",status="5xx"}'] > 0);
  } finally {
    renameSync(`${db}.away`, db);
  }
  await waitFor('it is back', async () => (await ann.api('/api/users/me')).status === 200);
});
