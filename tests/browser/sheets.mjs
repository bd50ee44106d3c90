// tools/screenshots: every view of the page, photographed in each of the looks
// that it may have, and put side by side on contact sheets.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { startStack } from '../support/stack.mjs';
import { furnish } from './furnish.mjs';
import { startBrowser } from './people.mjs';
import { VIEWS, openView } from './views.mjs';

const SIZES = { 360: [360, 740], 1024: [1024, 768], 1920: [1920, 1080] };
/* Of each a sheet has so many columns and rows, so much smaller. */
const SHEETS = { 360: [5, 2, 1], 1024: [3, 3, 0.6], 1920: [2, 3, 0.5] };
const THEMES = ['light', 'dark'];
const LANGUAGES = { en: 'en-GB', fr: 'fr-FR' };
const COUNTS = [12, 1, 60];

/* The words that name no view. */
const LOOKS = new Set([...Object.keys(SIZES), ...THEMES, ...Object.keys(LANGUAGES)]);

const [directory, ...words] = process.argv.slice(2);

/* Those of all that a word names; all of them where none does. */
function chosen(all) {
  const named = all.filter((one) => words.includes(String(one)));
  return named.length ? named : all;
}

const looks = () => chosen(Object.keys(SIZES)).flatMap((size) =>
  chosen(THEMES).flatMap((theme) =>
    chosen(Object.keys(LANGUAGES)).map((language) => ({ size, theme, language }))));

/* [name, view, how many conversations there are] */
function shots() {
  const all = Object.entries(VIEWS).flatMap(([name, view]) =>
    (view.counted ? COUNTS : [12]).map((count) => [view.counted ? `${name} ${count}` : name, view, count]));
  const said = words.filter((word) => !LOOKS.has(word));
  return said.length ? all.filter(([name]) => said.some((word) => name.includes(word))) : all;
}

/* -> the picture of a view, or what kept it from being. */
async function photograph(context, url, world, [name, view, count]) {
  try {
    const page = await openView(context, url, world, view, count);
    await page.waitForTimeout(350);
    return { name, picture: await page.screenshot() };
  } catch (error) {
    return { name, missing: String(error).split('\n')[0] };
  } finally {
    await Promise.all(context.pages().map((page) => page.close()));
  }
}

const escaped = (text) => text.replace(/[&<]/g, (c) => ({ '&': '&amp;', '<': '&lt;' })[c]);

function sheetOf(taken, size) {
  const [width, height] = SIZES[size].map((px) => px * SHEETS[size][2]);
  const figures = taken.map(({ name, picture, missing }) => `<figure><figcaption>${escaped(name)}</figcaption>${
    picture ? `<img src="data:image/png;base64,${picture.toString('base64')}">` : `<p>${escaped(missing)}</p>`}</figure>`);
  return `<style>
    body { display: grid; grid-template-columns: repeat(${SHEETS[size][0]}, ${width}px); gap: 8px; margin: 8px; background: #888; font: 13px sans-serif }
    figure { margin: 0 } img, p { display: block; width: ${width}px; height: ${height}px; margin: 0; background: #fcc }
  </style>${figures.join('')}`;
}

async function lay(browser, taken, { size, theme, language }) {
  const [columns, rows, scale] = SHEETS[size];
  const page = await browser.newPage({ viewport: { width: Math.ceil(columns * (SIZES[size][0] * scale + 8) + 8), height: 600 } });
  for (let from = 0, n = 1; from < taken.length; from += columns * rows, n += 1) {
    await page.setContent(sheetOf(taken.slice(from, from + columns * rows), size));
    const file = path.join(directory, `${size}-${theme}-${language}-${n}.png`);
    await page.screenshot({ path: file, fullPage: true });
    console.log(file);
  }
  await page.close();
}

async function main() {
  mkdirSync(directory, { recursive: true });
  const stack = await startStack({ set: { lobby: 'on' } });
  const browser = await startBrowser();
  let missing = 0;
  try {
    const world = await furnish(stack, COUNTS);
    for (const look of looks()) {
      const [width, height] = SIZES[look.size];
      const context = await browser.newContext({
        viewport: { width, height }, colorScheme: look.theme, locale: LANGUAGES[look.language],
        hasTouch: look.size === '360',
      });
      context.setDefaultTimeout(8000);
      const taken = [];
      for (const shot of shots()) taken.push(await photograph(context, stack.url, world, shot));
      for (const { name, missing: why } of taken) if (why) console.log(`${name}: ${why}`);
      missing += taken.filter((one) => one.missing).length;
      await context.close();
      await lay(browser, taken, look);
    }
  } finally {
    await browser.close();
    await stack.stop();
  }
  process.exitCode = missing ? 1 : 0;
}

await main();
