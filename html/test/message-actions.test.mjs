import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { test } from 'node:test';
import { menuMove, placeMenu } from '../src/lib/menus.js';
import { actionsFor, excerpt, quoteFor } from '../src/lib/message-actions.js';
import { bodyOf, newEntry } from '../src/lib/outbox.js';

globalThis.crypto ??= webcrypto; // Node 18 has it, but not there

const ANN = 'a'.repeat(24);
const BOB = 'b'.repeat(24);
const message = (fields) => ({ _id: '1', kind: 'text', sender: BOB, deleted: false, ...fields });

test('one may reply to everybody, and change only what is one’s own', () => {
  assert.deepEqual(actionsFor(message(), ANN), ['reply', 'copy']);
  assert.deepEqual(actionsFor(message({ sender: ANN }), ANN), ['reply', 'copy', 'edit', 'delete']);
});

test('where several may be selected each may be forwarded, what only has a file too', () => {
  const all = { selects: true };
  assert.deepEqual(actionsFor(message(), ANN, all), ['reply', 'copy', 'forward', 'select']);
  assert.deepEqual(actionsFor(message({ content: '', sender: ANN }), ANN, all), ['reply', 'forward', 'select', 'delete']);
  assert.deepEqual(actionsFor(message({ deleted: true }), ANN, all), []);
});

test('somebody else’s may be reported where there is whom to tell, and a copy stays as it is', () => {
  assert.deepEqual(actionsFor(message(), ANN, { reports: true }), ['reply', 'copy', 'report']);
  assert.deepEqual(actionsFor(message({ sender: ANN }), ANN, { reports: true, fixed: true }), ['reply', 'copy']);
});

test('what is deleted, not stored yet, or said by nobody offers nothing', () => {
  for (const fields of [{ deleted: true }, { _id: null }, { kind: 'system' }]) {
    assert.deepEqual(actionsFor(message({ sender: ANN, ...fields }), ANN), []);
  }
});

test('a quote is one line of bounded length, cut between characters', () => {
  assert.equal(excerpt('  two\n\n lines\t here '), 'two lines here');
  assert.equal(excerpt('short'), 'short');
  const cut = excerpt('😀'.repeat(5000));
  assert.equal([...cut].at(-1), '…');
  assert.ok([...cut].length <= 160);
  assert.ok([...cut].slice(0, -1).every((c) => c === '😀'));
});

test('a reply shows its original if it is loaded, and says so if not', () => {
  const original = message();
  const find = (id) => (id === '1' ? original : undefined);
  assert.equal(quoteFor(message({ replyTo: null }), find), null);
  assert.equal(quoteFor(message({ replyTo: '1' }), find).message, original);
  assert.deepEqual(quoteFor(message({ replyTo: '2' }), find), { message: null, state: '' });
  for (const [id, state] of [['2', 'loading'], ['3', '']]) {
    const search = { id, state: 'loading' };
    assert.equal(quoteFor(message({ replyTo: '2' }), find, search).state, state);
  }
});

test('arrow keys go round a menu, other keys do nothing in it', () => {
  const cases = [
    ['ArrowDown', 0, 1], ['ArrowDown', 2, 0], ['ArrowUp', 0, 2], ['ArrowUp', 2, 1],
    ['ArrowDown', -1, 0], ['ArrowUp', -1, 2], ['Home', 2, 0], ['End', 0, 2],
    ['Enter', 0, null], ['toString', 0, null],
  ];
  for (const [key, from, to] of cases) assert.equal(menuMove(key, from, 3), to, `${key} ${from}`);
  assert.equal(menuMove('ArrowDown', 0, 0), null);
});

test('a menu opens below its button, above where there is no room, never over an edge', () => {
  const menu = { width: 160, height: 140 };
  const view = { width: 390, height: 780 };
  const button = (left, top) => ({ left, right: left + 40, top, bottom: top + 40 });
  assert.deepEqual(placeMenu(button(100, 100), menu, view, true), { top: 144, left: 100 });
  assert.deepEqual(placeMenu(button(300, 100), menu, view, false), { top: 144, left: 180 });
  assert.equal(placeMenu(button(100, 700), menu, view, true).top, 556);
  assert.equal(placeMenu(button(300, 100), menu, view, true).left, 222);
  assert.equal(placeMenu(button(10, 100), menu, view, false).left, 8);
});

test('a message says what it answers when it is sent, and only then', () => {
  const plain = newEntry({ to: BOB, content: 'x' }, 0);
  const reply = newEntry({ to: BOB, content: 'x', replyTo: '1' }, 0);
  assert.deepEqual(bodyOf(plain), { content: 'x', clientId: plain.clientId });
  assert.deepEqual(bodyOf(reply), { content: 'x', clientId: reply.clientId, replyTo: '1' });
  const { replyTo, ...kept } = plain; // kept by a page that knew no replies
  assert.deepEqual(bodyOf(kept), bodyOf(plain));
});
