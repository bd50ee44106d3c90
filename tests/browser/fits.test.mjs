// Nothing sticks out of any view, from the narrowest window to the widest.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokenOf, leakingOf, movableOf, mutedOf, pushableOf, wideOf } from './fits.mjs';
import { furnish } from './furnish.mjs';
import { openScene } from './scene.mjs';
import { VIEWS, openView } from './views.mjs';

const SIZES = [[320, 640], [768, 1024], [1024, 768], [1920, 1080], [2560, 1440]];
const scene = openScene({ set: { lobby: 'on' } });
let world;

for (const [locale, count] of [['en-GB', 1], ['fr-FR', 12]]) {
  test(`every view fits at every size: ${locale}, ${count} conversations`, async () => {
    world ??= await furnish(scene.stack, [12, 1]);
    const ann = await scene.newcomer('ann', { locale, viewport: { width: SIZES[0][0], height: SIZES[0][1] } });
    const found = [];
    for (const [name, view] of Object.entries(VIEWS)) {
      if (count === 1 && !view.counted) continue;
      const page = await openView(ann.context, scene.url, world, view, count);
      ann.watch(page);
      for (const [width, height] of SIZES) {
        await page.setViewportSize({ width, height });
        for (const look of [wideOf, pushableOf, leakingOf, movableOf, mutedOf, brokenOf]) {
          found.push(...(await look(page)).map((what) => `${name}, ${width} px: ${what}`));
        }
      }
      await page.close();
    }
    assert.deepEqual(found, []);
  });
}
