// The views of the page by name, as tools/screenshots takes them: `who` is signed
// in (`as` who, at which page), `path` is opened, and `show` leads on from there.
// A view that is `counted` looks another way with another number of conversations.
import { png } from '../support/pictures.mjs';

const NO_CONVERSATION = '0'.repeat(24);

const kept = ({ token, user }, as = 'user') => ({ as, token, user });
const member = (world, count) => kept(world.people[count]);
const operator = (world) => kept(world.operator);

const press = (...testIds) => async ({ get }) => {
  for (const testId of testIds) await get(testId).first().click();
};
const list = ({ page }) => page.getByTestId('conversation-list').waitFor();
const opened = ({ page }) => page.getByTestId('message').last().waitFor();

/* Steps, one after the other. */
const steps = (...all) => async (scene) => {
  for (const step of all) await step(scene);
};
const goes = (hashOf) => async (scene) => {
  await list(scene);
  await scene.page.evaluate((hash) => { location.hash = hash; }, hashOf(scene));
};
const toPartner = steps(goes(({ world, count }) => `#/u/${world.people[count].partner.user._id}`), opened);
const toGroup = steps(goes(({ world, count }) => `#/c/${world.people[count].group}`), opened);

const messenger = (...all) => ({ who: member, show: steps(list, ...all) });
const inGroup = (...all) => messenger(toGroup, ...all);
const account = (tab) => messenger(press('me', `tab-${tab}`));
const atDesk = (...all) => ({
  who: operator, path: '/server', show: steps(({ get }) => get('desk').waitFor(), ...all),
});
const file = (name, mimeType, buffer) => ({ name, mimeType, buffer });

export const VIEWS = {
  'sign in': {},
  'sign in: errors': { show: press('submit') },
  'sign in: refused': {
    async show({ get }) {
      await get('field-login').fill('nobody');
      await get('field-password').fill('wrong password');
      await get('submit').click();
      await get('error-password').waitFor();
    },
  },
  'sign in: password lost': { show: press('lost') },
  'register': { show: press('auth-toggle') },
  'register: errors': { show: press('auth-toggle', 'submit') },
  'invited, signed out': { path: '/#/join/abcdefgh' },
  'nobody yet': { who: ({ nobody }) => kept(nobody), show: ({ get }) => get('messenger').waitFor() },
  'list': { ...messenger(), counted: true },
  'conversation': { ...messenger(toPartner), counted: true },
  'searching': {
    ...messenger(async ({ get }) => {
      await get('search-input').fill('e');
      await get('people-list').waitFor();
    }),
    counted: true,
  },
  'searching: nothing': messenger(({ get }) => get('search-input').fill('zzzzz')),
  'group': inGroup(),
  'details: person': messenger(toPartner, press('open-details')),
  'details: group': inGroup(press('open-details')),
  'details: member menu': inGroup(press('open-details', 'member-actions')),
  'details: question': inGroup(press('open-details', 'leave-group')),
  'settings': messenger(press('settings-button')),
  'row menu': messenger(async ({ page, get }) => {
    await page.getByTestId(/^conversation-\w/).nth(1).click({ button: 'right' });
    await get('row-menu').waitFor();
  }),
  'message menu': inGroup(async ({ get }) => {
    await get('message-actions').last().click();
    await get('message-menu').waitFor();
  }),
  'message menu: all emoji': inGroup(async ({ get }) => {
    await get('message-actions').last().click();
    await get('react-more').click();
    await get('emoji-search').waitFor();
  }),
  'selecting': inGroup(async ({ get }) => {
    await get('message-actions').last().click();
    await get('action-select').click();
    await get('select-box').nth(-2).click();
  }),
  'forwarding': inGroup(async ({ page, get }) => {
    await get('message-actions').last().click();
    await get('action-forward').click();
    await page.getByTestId(/^forward-row-/).nth(1).click();
    await page.getByTestId(/^forward-row-/).nth(3).click();
  }),
  'report': inGroup(async ({ get }) => {
    await get('message-actions').last().click();
    await get('action-report').click();
  }),
  'replying': inGroup(async ({ get }) => {
    await get('message-actions').last().click();
    await get('action-reply').click();
    await get('composer-input').fill('One line\nand another\nand a third one');
  }),
  'files to be sent': inGroup(async ({ get }) => {
    await get('file-input').setInputFiles([
      file('spring.png', 'image/png', png(80, 60, { colour: [200, 120, 60] })),
      file('a-name-of-a-file-that-is-rather-long-and-has-no-blanks.txt', 'text/plain', Buffer.from('x')),
    ]);
    await get('tray-remove').first().waitFor();
  }),
  'mentioning': inGroup(async ({ get }) => {
    await get('composer-input').fill(''); // of the draft that another view left
    await get('composer-input').pressSequentially('@');
    await get('mentions').waitFor();
  }),
  'picture': inGroup(async ({ get }) => {
    await get('picture').last().getByRole('button').click();
    await get('lightbox-picture').waitFor();
  }),
  'new conversation': messenger(press('new-conversation')),
  'new group: people': messenger(press('new-conversation', 'new-group')),
  'new group: name': messenger(press('new-conversation', 'new-group'), async ({ page, get }) => {
    await page.getByTestId(/^pick-row-/).first().click();
    await get('new-next').click();
  }),
  'account: profile': account('profile'),
  'account: privacy': account('privacy'),
  'account: password': account('password'),
  'account: devices': account('sessions'),
  'shortcuts': messenger(({ page }) => page.keyboard.press('Control+/')),
  'invitation': { ...messenger(), path: '/#/join/abcdefgh', show: ({ get }) => get('join').waitFor() },
  'conversation that is not there': messenger(goes(() => `#/c/${NO_CONVERSATION}`)),
  'no connection': {
    who: member,
    async show(scene) {
      await toPartner(scene);
      await scene.page.context().setOffline(true);
      await scene.get('composer-input').fill('Sent later');
      await scene.get('send-button').click();
      await scene.page.waitForTimeout(300);
      await scene.page.context().setOffline(false).catch(() => {});
    },
  },
  'guest: coming in': { path: '/client' },
  'guest: talking': {
    path: '/client',
    async show({ get }) {
      await get('field-name').fill(`Guest ${Date.now().toString(36)}`);
      await get('submit').click();
      await get('composer-input').fill('May I ask something?');
      await get('send-button').click();
      await get('message').waitFor();
    },
  },
  'desk: overview': atDesk(),
  'desk: client': atDesk(async ({ page }) => {
    await page.getByTestId(/^client-guest_/).first().click();
    await page.getByTestId('client-title').waitFor();
  }),
  'desk: addresses': atDesk(press('view-addresses')),
  'desk: audit': atDesk(press('view-audit')),
  'desk: reports': atDesk(press('view-reports')),
  'desk: profile': atDesk(press('view-server')),
  'desk: lobby': atDesk(press('to-lobby')),
  'desk: a word to all': atDesk(press('open-broadcast')),
  'desk: no operator': { who: member, path: '/server' },
};

const signedIn = ({ as, ...session }) =>
  localStorage.setItem(`palabre.${as}`, JSON.stringify({ ...session, since: Date.now() }));

/* A page of the context at that view of the world of furnish(), where there are
 * so many conversations. What was kept of the view before is gone. */
export async function openView(context, url, world, view, count) {
  const page = await context.newPage();
  await page.goto(`${url}/theme.js`);
  await page.evaluate(() => localStorage.clear());
  const who = view.who?.(world, count);
  if (who) await page.evaluate(signedIn, who);
  await page.goto(url + (view.path ?? '/'));
  await view.show?.({ page, get: (testId) => page.getByTestId(testId), world, count });
  return page;
}
