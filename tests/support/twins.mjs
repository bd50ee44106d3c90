// Two servers that are asked the same, and have to answer the same. They differ in
// what they name things: an id, a time, a token or a code of the one is another
// one at the other.
import assert from 'node:assert/strict';
import { waitFor } from './stack.mjs';

const ID = /[0-9a-f]{24}/g;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const LINK = /[\w-]{20,}$/; // a code, or where it leads
/* Keys of what is of each one alone: changes of one's own matters are counted in
 * steps of one's own. */
const APART = new Set(['token', 'expiresIn', 'own', 'ownChanged']);

export class Twins {
  names = new Map(); // of the first -> of the second
  taken = new Set(); // the second's

  constructor(stacks) {
    this.stacks = stacks;
  }

  /* As the second says it. */
  translate(text) {
    const told = text.replace(ID, (id) => this.names.get(id) ?? id);
    return this.names.get(told) ?? told;
  }

  translated(value) {
    if (typeof value === 'string') return this.translate(value);
    if (Array.isArray(value)) return value.map((one) => this.translated(one));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [this.translate(key), this.translated(one)]));
  }

  assertName(one, other, where) {
    const known = this.names.get(one);
    if (known === undefined && !this.taken.has(other) && one !== other) {
      this.names.set(one, other);
      this.taken.add(other);
    } else {
      assert.equal(other, known ?? one, `${where}: another one`);
    }
  }

  assertText(one, other, where, key) {
    if (TIME.test(one)) assert.match(other, TIME, where);
    else if (['code', 'url'].includes(key) && LINK.test(one)) this.assertName(one, other, where);
    else {
      const ids = one.match(ID) ?? [];
      const others = other.match(ID) ?? [];
      assert.equal(others.length, ids.length, `${where}: ${one} | ${other}`);
      ids.forEach((id, i) => this.assertName(id, others[i], `${where}: ${one} | ${other}`));
      assert.equal(other.replace(ID, ''), one.replace(ID, ''), where);
    }
  }

  /* The second's, in the order of the first's. */
  sorted(ones, others) {
    const id = (item) => item.userId ?? item;
    const rest = [...others];
    const found = ones.map((one) => {
      const at = rest.findIndex((other) => id(other) === this.translate(id(one)));
      return at < 0 ? undefined : rest.splice(at, 1)[0];
    });
    return found.map((one) => one ?? rest.shift());
  }

  /* Fails where they do not say the same; learns what they call it. */
  assertSame(one, other, where, key) {
    assert.equal(typeof other, typeof one, `${where}: ${JSON.stringify(one)} | ${JSON.stringify(other)}`);
    if (APART.has(key)) return;
    if (typeof one === 'string') this.assertText(one, other, where, key);
    else if (one === null || other === null || typeof one !== 'object') {
      assert.equal(other, one, where);
    } else if (Array.isArray(one)) {
      assert.equal(other.length, one.length, `${where}: ${JSON.stringify(one)} | ${JSON.stringify(other)}`);
      const inOrder = key === 'gone' || one[0]?.userId ? this.sorted(one, other) : other; // people are in none
      one.forEach((item, i) => this.assertSame(item, inOrder[i], `${where}[${i}]`, key));
    } else {
      const keys = Object.keys(one);
      assert.deepEqual(Object.keys(other).sort(), keys.map((name) => this.translate(name)).sort(),
        `${where}: ${JSON.stringify(one)} | ${JSON.stringify(other)}`);
      for (const name of keys) this.assertSame(one[name], other[this.translate(name)], `${where}.${name}`, name);
    }
  }

  /* -> what the first one answers. who: {name, tokens}. */
  async ask(who, target, { method, body, headers } = {}) {
    const raw = body instanceof Uint8Array;
    const [one, other] = await Promise.all([
      this.stacks[0].api(target, { token: who.tokens[0], method, body, headers }),
      this.stacks[1].api(this.translate(target), { token: who.tokens[1], method, body: raw ? body : this.translated(body), headers }),
    ]);
    const verb = method ?? (body === undefined ? 'GET' : 'POST');
    const where = `${verb} ${target}${body === undefined || raw ? '' : ` ${JSON.stringify(body)}`} by ${who.name}`;
    const seen = ({ status, headers: heads, body: answer }) => ({
      status, type: heads.get('content-type'), link: heads.get('link'), answer: answer ?? null,
    });
    this.assertSame(seen(one), seen(other), where);
    return one;
  }

  /* Until both answer it so, which they may come to at different times. */
  async settle(who, target, status) {
    await Promise.all(this.stacks.map((stack, i) => waitFor(`${status} of ${target}`, async () => {
      const answer = await stack.api(i ? this.translate(target) : target, { token: who.tokens[i] });
      return answer.status === status;
    })));
  }

  /* palabrectl with these words, for both. */
  async ctl(...words) {
    const [one, other] = await Promise.all(this.stacks.map((stack) => stack.ctl(...words, '--json')));
    const seen = ({ code, stdout, stderr }) => ({ code, stderr, answer: stdout && JSON.parse(stdout) });
    this.assertSame(seen(one), seen(other), `palabrectl ${words.join(' ')}`);
  }

  /* What both answer, who needs no name there. -> of the first; tokens, of each */
  async enter(target, body) {
    const answers = await Promise.all(this.stacks.map((stack) => stack.api(target, { body })));
    const [one, other] = answers.map(({ status, body: answer }) => ({ status, answer }));
    this.assertSame(one, other, `${target} ${JSON.stringify(body)}`);
    return { ...one, tokens: answers.map(({ body: answer }) => answer.token) };
  }
}
