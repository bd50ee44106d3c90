// People at the page of `/`, each in a browser window of their own.
//
// Every wait is on something a person sees, and has an end.
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium, firefox } from 'playwright-core';
import { killAll, password, processes } from '../support/stack.mjs';

const WAIT_MS = 20000;
const desktop = { width: 1200, height: 760 };
export const phone = { width: 390, height: 780 };

const chromiumAt = (executablePath) => ({
  executablePath,
  args: process.getuid() === 0 ? ['--no-sandbox'] : [],
});
const program = chromiumAt(process.env.CHROMIUM ?? '/usr/bin/chromium');
/* Chromium without what is around a page, notifications, and half the work. */
const shell = chromiumAt(process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell');

/* Those of Debian; Firefox is spoken to by WebDriver BiDi. */
const BROWSERS = {
  chromium: () => chromium.launch(program),
  firefox: () => firefox.launch({
    channel: 'moz-firefox',
    executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
  }),
};
export const browsers = Object.keys(BROWSERS);

/* Without a name: the one that is quickest. */
export const startBrowser = (name) => name ? BROWSERS[name]() : chromium.launch(shell);

/* How many rows this browser has of whatever is kept there. */
export const kept = ({ page }, store) => page.evaluate((name) => new Promise((resolve, reject) => {
  const asked = indexedDB.open('palabre');
  asked.onerror = reject;
  asked.onsuccess = () => {
    const counted = asked.result.transaction(name).objectStore(name).count();
    counted.onsuccess = () => { asked.result.close(); resolve(counted.result); };
  };
}), store);

/* One of somebody's own, which keeps what it keeps in that directory. */
export const startOwnBrowser = (dir, { args = [], ...options } = {}) =>
  chromium.launchPersistentContext(dir, {
    ...program,
    viewport: desktop,
    locale: 'en-GB',
    ...options,
    args: [...program.args, ...args],
  });

/* As when the machine loses its power. */
export const crashBrowser = (dir) =>
  killAll(processes().filter(({ command }) => command.includes(`--user-data-dir=${dir}`)));

/* Firefox says so of a server that is away: that is no fault of the page's. */
const UNREACHED = /^(Error: )?Firefox can’t establish a connection/;

let count = 0;

/* A name that nobody has and whose beginning finds it: ann-1-k3x9 */
export function freshName(stem) {
  count += 1;
  return `${stem}-${count}-${Date.now().toString(36)}`;
}

export class Person {
  constructor(context, page, name, url) {
    this.context = context;
    this.page = page;
    this.name = name;
    this.url = url;
    this.complaints = [];
  }

  /* To an empty page of the server at url. */
  static async come(browser, url, stem, options = {}) {
    const context = await browser.newContext({
      viewport: desktop,
      locale: 'en-GB',
      serviceWorkers: 'block', // what a page asks for is what a test may hold up
      ...options,
    });
    return Person.at(context, freshName(stem), url);
  }

  /* In a window of their own. */
  static async at(context, name, url) {
    context.setDefaultTimeout(WAIT_MS);
    const page = await context.newPage();
    const person = new Person(context, page, name, url);
    person.watch(page);
    await page.goto(url);
    return person;
  }

  /* What must never happen, whatever the test is about. */
  watch(page) {
    page.on('pageerror', (error) => {
      if (!UNREACHED.test(error)) this.complaints.push(String(error));
    });
    page.on('console', (message) => {
      if (/Content Security Policy|\[Vue/.test(message.text())) {
        this.complaints.push(message.text());
      }
    });
  }

  /* In a new window, the old one being closed. */
  async comeBack() {
    this.page = await this.context.newPage();
    this.watch(this.page);
    await this.page.goto(this.url);
  }

  get(testId) {
    return this.page.getByTestId(testId);
  }

  /* A browser whose room for this page is used up. */
  keepsNothing() {
    return this.page.evaluate(() => {
      const full = () => { throw new DOMException('full', 'QuotaExceededError'); };
      Storage.prototype.setItem = full;
      IDBObjectStore.prototype.put = full;
    });
  }

  /* Closes the page, and stays: -> how often the browser asked. */
  async triesToGo() {
    let asked = 0;
    const decided = new Promise((resolve) => {
      this.page.once('close', resolve);
      this.page.on('dialog', async (dialog) => {
        asked += dialog.type() === 'beforeunload' ? 1 : 0;
        await dialog.dismiss();
        resolve();
      });
    });
    await this.page.close({ runBeforeUnload: true });
    await decided;
    await sleep(300); // nor does it ask again
    return asked;
  }

  /* ---- signing in ---- */

  async register() {
    await this.get('auth-toggle').click();
    await this.fillRegistration(this.name, password);
    await this.sees('messenger');
  }

  async fillRegistration(name, secret) {
    await this.get('register-form').waitFor();
    await this.get('field-username').fill(name);
    await this.get('field-password').fill(secret);
    await this.get('submit').click();
  }

  async signIn(name = this.name, secret = password) {
    await this.get('login-form').waitFor();
    await this.get('field-login').fill(name);
    await this.get('field-password').fill(secret);
    await this.get('submit').click();
  }

  /* ---- talking ---- */

  async find(name) {
    await this.get('search-input').fill(name);
    await this.get(`person-${name}`).or(this.get(`conversation-${name}`)).click();
    await this.get('chat-title').filter({ hasText: name }).waitFor();
  }

  async open(name) {
    await this.get(`conversation-${name}`).click();
    await this.get(`conversation-${name}`).and(this.page.locator('[aria-current]')).waitFor({ state: 'attached' });
    await this.get('composer-input').waitFor();
  }

  async say(text) {
    await this.get('composer-input').fill(text);
    await this.get('send-button').click();
  }

  message(text, status) {
    const which = status ? `[data-status="${status}"]` : '';
    return this.page
      .locator(`[data-testid="message"]${which}`)
      .filter({ has: this.get('message-text').and(this.page.getByText(text, { exact: true })) });
  }

  /* Reply, edit or delete, from the menu of the message that says this. */
  async act(text, action) {
    await this.message(text).getByTestId('message-actions').click();
    await this.get(`action-${action}`).click();
  }

  async seesComposer(text) {
    await this.page.waitForFunction(
      (wanted) => document.querySelector('#composer')?.value === wanted, text);
  }

  /* The text of a message, once; with a status: of one's own. */
  async reads(text, status) {
    await this.message(text, status).waitFor();
    return this.message(text).count();
  }

  async sees(testId) {
    await this.get(testId).waitFor();
  }

  async noLongerSees(testId) {
    await this.get(testId).waitFor({ state: 'detached' });
  }

  /* A dialog is gone, and so is its step in the history. */
  async leaves(testId) {
    await this.noLongerSees(testId);
    await this.page.waitForFunction(() => !history.state?.dialog);
  }

  async seesPresence(status, timeout = WAIT_MS) {
    await this.page
      .locator(`[data-testid="presence"][data-status="${status}"]`)
      .waitFor({ timeout });
  }

  texts() {
    return this.get('message-text').allInnerTexts();
  }

  seqs() {
    return this.get('message').evaluateAll((all) =>
      all.map((element) => Number(element.dataset.seq)));
  }
}
