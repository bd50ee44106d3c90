import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { test } from 'node:test';
import { initialsOf } from '../src/lib/initials.js';
import { pieces } from '../src/lib/links.js';
import { isPermanent } from '../src/lib/outbox.js';
import { parseRoute, routeOf } from '../src/lib/route.js';
import { pluralOf } from '../src/lib/strings.js';
import { daysAgo } from '../src/lib/time.js';

globalThis.crypto ??= webcrypto; // Node 18 has it, but not there

const links = (text) => pieces(text).filter((p) => p.href).map((p) => p.href);

test('web addresses become links and everything else stays text', () => {
  assert.deepEqual(links('see https://a.example/x?y=1, and http://b.example.'), [
    'https://a.example/x?y=1',
    'http://b.example',
  ]);
  assert.deepEqual(links("'https://a.example/Ohm's_law'"), ["https://a.example/Ohm's_law"]);
  assert.deepEqual(links('javascript:alert(1) data:text/html,x ftp://x'), []);
  assert.deepEqual(links('<a href="https://a.example/">'), ['https://a.example/']);
});

test('an address that begins with www is a link without a scheme, too', () => {
  assert.deepEqual(pieces('see www.a.example/x, or'), [
    { text: 'see ' },
    { text: 'www.a.example/x', href: 'https://www.a.example/x' },
    { text: ', or' },
  ]);
  assert.deepEqual(links('http://www.a.example'), ['http://www.a.example']);
  assert.deepEqual(links('www www. www... www.a awww.a.b x.www.a.b'), []);
});

test('an address of mail is a link', () => {
  assert.deepEqual(pieces('to ann.b+c@mail.a.example, or'), [
    { text: 'to ' },
    { text: 'ann.b+c@mail.a.example', href: 'mailto:ann.b+c@mail.a.example' },
    { text: ', or' },
  ]);
  const of = (text) => links(text).map((href) => href.replace('mailto:', ''));
  assert.deepEqual(of('(a@b.example)<c@d.example>mailto:e@f.example. www.g.example h@www.i.example'),
    ['a@b.example', 'c@d.example', 'e@f.example', 'https://www.g.example', 'h@www.i.example']);
  assert.deepEqual(of('é@où.example'), ['%C3%A9@o%C3%B9.example']);
  assert.deepEqual(of('@ann a@b a@b. a@b.c x@1.2.3 a@@b.example a@b.example@c /a@b.example @a.example'), []);
  assert.deepEqual(links('https://ann@a.example/b@c.example'), ['https://ann@a.example/b@c.example']);
  for (const unit of ['a@', 'a.', 'a@b.', '@', 'a@b.cc', 'aaaa', 'a@b.cc ', 'a-']) {
    const text = `a@${unit.repeat(5000 / unit.length)}`;
    const began = performance.now();
    assert.equal(pieces(text).map((p) => p.text).join(''), text);
    assert.ok(performance.now() - began < 1000, unit);
  }
});

test('the pieces together are the text, whatever is in it', () => {
  for (const text of ['', 'a', 'https://a.example', 'www.a.b!', '(https://a.example/(b))!', '<b>&amp;']) {
    assert.equal(pieces(text).map((p) => p.text).join(''), text);
  }
});

test('a bracket belongs to an address that opened it', () => {
  assert.deepEqual(links('(https://a.example/w_(x))'), ['https://a.example/w_(x)']);
});

test('an address ends before what no address goes on past', () => {
  const [left, right, isolate] = ['\u202e', '\u200f', '\u2066'];
  const after = ['请看', '。', '，谢谢', '」', '）', '】', 'を見て', '에서', '”', '’', '»', '›', '“', '（x）',
    left, right, isolate, '\u200b', '\u00ad', '\ufeff', '🙂', '👍🏽', '🇫🇷', '…', '،', '؟', ').', ']', '}', '(', '((', ')and', '**', '>'];
  for (const text of after) {
    for (const url of ['https://a.example', 'https://a.example/x?y=1#z', 'www.a.example']) {
      assert.deepEqual(pieces(`« ${url}${text}`).map((p) => p.text), ['« ', url, text], text);
    }
  }
  assert.deepEqual(links('[a](https://a.example)[b](https://b.example/c_(d)), 见https://c.example。www.d.example」'),
    ['https://a.example', 'https://b.example/c_(d)', 'https://c.example', 'https://www.d.example']);
  assert.deepEqual(links('https://a.example/é/ß?q={x}&r=[1]'), ['https://a.example/é/ß?q={x}&r=[1]']);
});

test('each character is looked at once, whatever the text is', () => {
  const n = 5000;
  const start = 'https://x.y/';
  const fill = (unit, head = start) => head + unit.repeat(Math.ceil((n - head.length) / unit.length));
  const half = (unit) => unit.repeat((n - start.length) / 2);
  const cruel = [
    start + half('.') + half(')'), start + half('(') + half(')'), start + half('.)'), start + half('([{') + half('.'),
    fill('.'), fill(')'), fill('('), fill('.)'), fill('()'), fill("'"), fill('_*~'), fill('…'), fill('\ud83d'),
    fill('www.', ''), fill('http://', ''), fill('https://a.b)', ''), fill('https://)', ''), fill('www.a.b ', ''),
    fill('h', ''), fill('.', 'www.a.b'), fill('.a', 'www'), fill('@', ''), fill('\u200d👩', '👩'),
  ];
  for (const text of cruel) {
    let steps = 0;
    const parts = pieces(text, () => { steps += 1; });
    assert.ok(steps <= text.length, `${steps} steps for ${text.slice(0, 30)}`);
    assert.equal(parts.map((p) => p.text).join(''), text);
  }
});

test('one is one in both languages, none is one in French alone', () => {
  assert.deepEqual([0, 1, 2].map((n) => pluralOf('en', n)), [1, 0, 1]);
  assert.deepEqual([0, 1, 2].map((n) => pluralOf('fr', n)), [0, 0, 1]);
});

test('what failed for now is tried again, what was refused is not', () => {
  for (const status of [401, 429, 502, 503]) assert.equal(isPermanent({ status }), false);
  for (const status of [400, 403, 404, 409]) assert.equal(isPermanent({ status }), true);
  assert.equal(isPermanent({ status: 0, code: 'offline' }), false);
  assert.equal(isPermanent({ code: 'forbidden' }), true);
});

test('an address names a conversation, and what is known of it, and comes back the same', () => {
  for (const target of [{ userId: 'a'.repeat(24) }, { conversationId: 'b'.repeat(24) }]) {
    for (const about of [false, true]) {
      assert.deepEqual(parseRoute(routeOf(target, about)), { target, about, invitation: '' });
    }
  }
  assert.equal(parseRoute('#/u/../x').target, null);
  assert.equal(parseRoute(`#/u/${'a'.repeat(24)}/x`).target, null);
});

test('an address may be an invitation', () => {
  assert.deepEqual(parseRoute('#/join/AbC-_09'), { target: null, about: false, invitation: 'AbC-_09' });
  for (const hash of ['#/join/', '#/join/a b', `#/join/${'a'.repeat(33)}`]) {
    assert.equal(parseRoute(hash).invitation, '');
  }
});

test('days are counted at midnight, local time', () => {
  const now = new Date(2026, 2, 29, 0, 5).getTime();
  assert.equal(daysAgo(new Date(2026, 2, 28, 23, 55).toISOString(), now), 1);
  assert.equal(daysAgo(new Date(2026, 2, 29, 0, 1).toISOString(), now), 0);
});

test('initials are letters, whatever stands before them', () => {
  const names = ['ann', 'Ann B. Carter', 'Zoë “the Fast”', '(ann) [b]', 'ann-2', '李 雷', '🚀', '…', ' '];
  assert.deepEqual(names.map(initialsOf), ['A', 'AB', 'ZT', 'AB', 'A2', '李雷', '🚀', '…', '']);
});
