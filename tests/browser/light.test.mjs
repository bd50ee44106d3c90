// How little a page asks for before it can be used, and how little it draws of
// what is long: counted, as it goes over the wire and as it stands in the page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openScene } from './scene.mjs';

const scene = openScene();

const BEFORE = 100_000; // bytes of script until one can sign in
const AFTER = 180_000; // until one can talk
const DEEP_BEFORE = 2; // steps: the page, and what it names
const DEEP = 3; // ... and what those lead to

const framesOf = (stack) => (stack ? [...stack.callFrames.map(({ url }) => url), ...framesOf(stack.parent)] : []);

/* What the page has asked for: {bytes, depth} by address. A request comes one
 * step after what led to it. */
async function counted(person) {
  const session = await person.context.newCDPSession(person.page);
  const files = new Map();
  const names = new Map();
  session.on('Network.requestWillBeSent', ({ requestId, request, initiator, type }) => {
    const above = [initiator.url, ...framesOf(initiator.stack)].map((url) => files.get(url)?.depth ?? 0);
    if (initiator.type === 'script') above.push(2); // some of them do not say which: none comes earlier
    names.set(requestId, request.url);
    const depth = 1 + Math.max(0, ...above);
    const known = files.get(request.url);
    files.set(request.url, { type, depth: Math.min(depth, known?.depth ?? depth), bytes: known?.bytes ?? 0 });
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const file = files.get(names.get(requestId));
    if (file) file.bytes = Math.max(file.bytes, encodedDataLength);
  });
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  const ours = () => [...files.values()].filter(({ type }) => ['Document', 'Script', 'Stylesheet', 'Font', 'Image'].includes(type));
  return {
    script: () => ours().filter(({ type }) => type === 'Script').reduce((sum, { bytes }) => sum + bytes, 0),
    depth: () => Math.max(...ours().filter(({ bytes }) => bytes).map(({ depth }) => depth)),
  };
}

test('one can sign in after 100 kB of script and talk after 180 kB, three steps from the page', async () => {
  const ann = await scene.newcomer('ann');
  await scene.stack.register(ann.name);
  const light = await counted(ann);
  /* what the page itself does not name comes while one types: here, never */
  const { text } = await scene.stack.api('/');
  const isLater = (url) => /\/assets\/.*\.(?:js|css)$/.test(url.pathname) && !text.includes(url.pathname.slice(1));
  await ann.page.route(isLater, () => {});
  await ann.page.reload({ waitUntil: 'commit' });
  await ann.sees('login-form');
  const before = light.script();
  assert.ok(before > 20_000 && before <= BEFORE, `${before} bytes until one can sign in`);
  assert.ok(light.depth() <= DEEP_BEFORE, `${light.depth()} steps`);

  await ann.page.unroute(isLater);
  const whole = await counted(ann);
  await ann.page.reload();
  await ann.signIn();
  await ann.sees('messenger');
  await ann.sees('me');
  const after = whole.script();
  assert.ok(after > before && after <= AFTER, `${after} bytes until one can talk`);
  assert.ok(whole.depth() >= 2 && whole.depth() <= DEEP, `${whole.depth()} steps`);
});

const LONG = 100_000;
const MOST_MESSAGES = 500; // that stand in the page, however many there are
const MOST_ELEMENTS = 20_000;

/* The server has one message of Ben's; to the page it says that there are many. */
async function lengthen(person, { conversationId, message }) {
  const at = (seq) => ({
    ...message, _id: seq.toString(16).padStart(24, '0'), seq, clientId: undefined,
    content: `number ${seq}`, createdAt: new Date(Date.parse(message.createdAt) - (LONG - seq) * 1000).toISOString(),
  });
  const longer = (conversation) => ({
    ...conversation, lastSeq: LONG, readSeq: LONG, receivedSeq: LONG, unread: 0, lastMessage: at(LONG),
  });
  await person.page.route('**/api/sync', async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    body.new = body.new?.map((one) => (one._id === conversationId ? longer(one) : one));
    await route.fulfill({ response: answer, json: body });
  });
  await person.page.route('**/api/messages/conversation?*', (route) => {
    const query = new URL(route.request().url()).searchParams;
    const limit = Number(query.get('limit'));
    const end = Math.min(LONG, Number(query.get('before') ?? LONG + 1) - 1);
    const from = query.has('after') ? Number(query.get('after')) + 1 : Math.max(1, end - limit + 1);
    const items = [];
    for (let seq = from; seq <= LONG && items.length < limit && (query.has('after') || seq <= end); seq += 1) items.push(at(seq));
    const more = query.has('after') ? items.at(-1).seq < LONG : from > 1;
    return route.fulfill({ json: { conversationId, items, more, lastSeq: LONG, lastChange: 0 } });
  });
}

test('of 100,000 messages those around what one reads are drawn, wherever one scrolls', async () => {
  const ann = await scene.registered('ann');
  const { user } = await scene.stack.login(ann.name);
  const ben = await scene.stack.register(`ben-${ann.name}`);
  const { body: message } = await ben.api('/api/messages', { body: { recipient_id: user._id, content: 'first' } });
  await lengthen(ann, { conversationId: message.conversationId, message });
  /* not what it knows by itself */
  await ann.page.evaluate(() => new Promise((resolve) => { indexedDB.deleteDatabase('palabre').onsuccess = resolve; }));
  await ann.page.reload();
  await ann.open(ben.user.username);
  await ann.reads(`number ${LONG}`);
  let most = { messages: 0, elements: 0 };
  const look = async () => {
    const now = await ann.page.evaluate(() => ({
      messages: document.querySelectorAll('[data-testid=message]').length,
      elements: document.querySelectorAll('*').length,
      first: Number(document.querySelector('[data-testid=message]').dataset.seq),
    }));
    most = { messages: Math.max(most.messages, now.messages), elements: Math.max(most.elements, now.elements) };
    return now.first;
  };
  const scrollTo = (top) => ann.page.evaluate((where) => {
    const list = document.querySelector('[role=region]');
    list.scrollTop = where === 'end' ? list.scrollHeight : where;
  }, top);
  let first = await look();
  for (let page = 0; page < 20; page += 1) {
    await scrollTo(0);
    await ann.page.waitForFunction((before) =>
      Number(document.querySelector('[data-testid=message]').dataset.seq) < before, first);
    first = await look();
  }
  assert.ok(first < LONG - 900, `it went back to ${first}`);
  await ann.get('to-bottom').or(ann.get('new-messages')).first().click();
  await ann.reads(`number ${LONG}`);
  await look();
  assert.ok(most.messages <= MOST_MESSAGES, `${most.messages} messages`);
  assert.ok(most.elements <= MOST_ELEMENTS, `${most.elements} elements`);
});
