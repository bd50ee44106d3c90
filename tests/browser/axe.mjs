// axe-core in a page: what WCAG 2.2 AA forbids and a program can find.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/* What it finds in what a page shows now, once that has come to rest. */
export async function violationsOf(page) {
  await page.evaluate(() => Promise.all(document.getAnimations()
    .filter(({ effect }) => effect.getComputedTiming().iterations !== Infinity)
    .map(({ finished }) => finished.catch(() => {}))));
  return page.evaluate(async ([source, rules]) => {
    if (!globalThis.axe) await (0, eval)(source);
    const { violations } = await globalThis.axe.run(document, { runOnly: rules });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
  }, [axe, RULES]);
}

/* The page's own policy lets no such script in. */
export async function letAxeIn(person) {
  await person.context.newCDPSession(person.page).then((session) => session.send('Page.setBypassCSP', { enabled: true }));
  await person.page.reload();
}
