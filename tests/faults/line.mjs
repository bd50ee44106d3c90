// Clients of the old line protocol who only listen, and come back under their
// name from their address as often as they have to (docs/lines.md L8, L28).
import net from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { BANNER } from '../support/lines.mjs';

const AGAIN_MS = 150;
const PACE_MS = 250; // of who reads only after having said something
const READ = 1024;
const MISSED = /^\* (\d+) messages since you were here: \/history$/;
const REFUSED = '* The service is not available. Please try again.';
const FROM_DESK = /^desk\d+ \d+( é*)?$/; // as senders write

/* Of what was shown in the last second it may not be known (docs/lines.md, L28):
 * a second of who is not kept from the processor longer than this process was. */
const delay = monitorEventLoopDelay();
delay.enable();
export const lastMs = () => 1000 + 2 * delay.max / 1e6;

class Line {
  constructor(port, name) {
    Object.assign(this, { port, name, conversation: undefined });
    this.visits = []; // {from, until, shown: Map of text -> when, listed}
    this.twice = []; // on one visit, and not asked for
    this.odd = []; // what nobody should be shown
    this.closing = false;
    this.done = this.stay();
  }

  /* Were they let in, the last time that they came? */
  get connected() {
    return this.visits.at(-1)?.isIn === true;
  }

  get returns() {
    return this.visits.length - 1;
  }

  async stay() {
    while (!this.closing) {
      const visit = { from: Date.now(), shown: new Map(), isIn: false };
      await new Promise((resolve) => {
        this.socket = net.connect({ port: this.port, host: '127.0.0.1', noDelay: true })
          .on('connect', () => {
            this.visits.push(visit);
            this.come(visit).catch((error) => this.odd.push(error.message));
          })
          .on('error', () => {})
          .on('close', resolve);
      });
      visit.until = Date.now();
      visit.isIn = false;
      await sleep(AGAIN_MS);
    }
  }

  show(visit, line) {
    if (!FROM_DESK.test(line)) {
      this.odd.push(line);
      return;
    }
    const text = line.trimEnd();
    // What is listed may be waiting to be read already: once.
    const again = visit.shown.has(text);
    if (again && (visit.listed?.has(text) ?? true)) this.twice.push(`${this.name}: ${text}`);
    if (again) visit.listed?.add(text);
    visit.shown.set(text, Date.now());
  }

  wasShown({ content }) {
    return this.visits.some(({ shown }) => shown.has(content.trimEnd()));
  }

  /* How often they were told how much they missed. */
  get numbers() {
    return this.visits.filter(({ missed }) => missed > 0).length;
  }

  /* How long before the end of a visit those were shown that the next one
   * showed again, in ms. */
  get again() {
    return this.visits.slice(1).flatMap(({ shown }, before) => [...shown.keys()]
      .filter((text) => this.visits[before].shown.has(text))
      .map((text) => this.visits[before].until - this.visits[before].shown.get(text)));
  }

  async leave() {
    this.closing = true;
    this.socket.destroy();
    await this.done;
  }
}

/* The page's: reads all the time, and is shown all that it missed. */
export class EndingLine extends Line {
  async come(visit) {
    let rest = '';
    this.socket.setEncoding('utf8').on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines.filter((one) => one !== '')) {
        if (line === BANNER.at(-1)) visit.isIn = true;
        if (!BANNER.includes(line)) this.show(visit, line);
      }
    });
    this.socket.write(`${this.name}\n${this.returns === 0 ? 'here\n' : ''}`);
  }

  missing(messages) {
    return messages.filter((message) => !this.wasShown(message));
  }

  /* Nothing of what they are told is a number. */
  wrongNumbers() {
    return [];
  }
}

/* The terminal's: reads once after what it says, and is told a number. */
export class EndlessLine extends Line {
  async come(visit) {
    this.socket.on('data', (bytes) => {
      if (bytes.length > READ) this.odd.push(`${bytes.length} bytes at once`);
      if (this.reads === undefined) this.odd.push(`not asked for: ${bytes}`);
      else this.reads(bytes.toString());
      this.reads = undefined;
    });
    const hello = await this.ask(this.name);
    visit.helloAt = Date.now();
    const lines = hello.split('\n').filter((line) => line !== '' && !BANNER.includes(line));
    visit.missed = Number(lines[0]?.match(MISSED)?.[1] ?? 0);
    // What came in that moment is in the same read.
    for (const line of lines.slice(visit.missed > 0 ? 1 : 0)) this.show(visit, line);
    if (this.returns === 0) this.socket.write('here');
    if (visit.missed > 0) await this.list(visit);
    for (;;) {
      await sleep(PACE_MS);
      if (visit.until !== undefined) return;
      this.read(visit, await this.ask('/help'));
      visit.isIn = true;
    }
  }

  /* The answer, one read of it; never where the connection ends instead. */
  ask(text) {
    return new Promise((resolve) => {
      this.reads = resolve;
      this.socket.write(text);
    });
  }

  /* What they missed; workers may be dying over it. */
  async list(visit) {
    visit.listed = new Set();
    for (;;) {
      const answer = await this.ask(`/history ${visit.missed}`);
      this.read(visit, answer.replace(REFUSED, ''));
      if (!answer.includes(REFUSED)) return;
      await sleep(PACE_MS);
      if (visit.until !== undefined) return;
    }
  }

  read(visit, text) {
    for (const line of text.split('\n')) {
      if (line !== '' && !line.startsWith('* /')) this.show(visit, line);
    }
  }

  /* They read the newest of what they missed: have they that? */
  missing(messages) {
    return messages.slice(-1).filter((message) => !this.wasShown(message));
  }

  /*
   * Numbers that leave out what was there and not shown, or count what was
   * shown and not only just. said: Map of id -> when it was acknowledged.
   */
  wrongNumbers(messages, said) {
    const newest = (fits) => messages.filter(fits).at(-1)?.seq ?? 0;
    return this.visits.slice(1).flatMap(({ from, helloAt, missed }, before) => {
      if (helloAt === undefined) return [];
      const past = this.visits.slice(0, before + 1);
      const shown = (keptMs) => newest(({ content }) => past.some((visit) =>
        visit.shown.get(content.trimEnd()) <= visit.until - keptMs));
      const least = newest(({ _id }) => said.get(_id) < from) - shown(0);
      const most = newest(({ createdAt }) => Date.parse(createdAt) <= helloAt) - shown(lastMs());
      return missed >= least && missed <= most ? [] : [`${this.name}: ${missed}, not ${least} to ${most}`];
    });
  }
}
