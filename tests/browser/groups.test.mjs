// Groups at the page: made, changed, left, joined by a link, and written in by
// several people at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { phone } from './people.mjs';
import { openScene } from './scene.mjs';

const scene = openScene();

const pick = async (person, ...others) => {
  for (const { name } of others) {
    await person.get('pick-search').fill(name);
    await person.get(`pick-row-${name}`).click();
  }
};

/* By the button, as anybody would. */
async function makes(owner, title, ...others) {
  await owner.get('new-conversation').click();
  await owner.get('new-group').click();
  await pick(owner, ...others);
  await owner.get('new-next').click();
  await owner.get('field-title').fill(title);
  await owner.get('submit').click();
  await owner.get('chat-title').filter({ hasText: title }).waitFor();
}

const people = (...stems) => Promise.all(stems.map((stem) => scene.registered(stem)));
const opensDetails = async (person) => {
  await person.get('open-details').click();
  await person.sees('details');
};
const member = (person, { name }) => person.get('members').getByTestId(`member-${name}`);
const acts = async (person, other, action) => {
  await member(person, other).getByTestId('member-actions').click();
  await person.get(action).click();
  await person.get('ask-yes').click();
};

test('a group is made of people who are picked, and all of them see it and write in it', async () => {
  const [ann, ben, cyd] = await people('ann', 'ben', 'cyd');
  await makes(ann, 'Garden', ben, cyd);
  await ann.reads('You made the group “Garden”');
  await ann.get('company').getByText('3 members').waitFor();
  for (const person of [ben, cyd]) await person.open('Garden');
  await ben.reads(`${ann.name} made the group “Garden”`);
  await ben.say('Hello all');
  await cyd.reads('Hello all');
  await cyd.say('Hello Ben');
  await ann.reads('Hello Ben');
  await ann.get('message').filter({ hasText: 'Hello all' }).getByText(ben.name).waitFor();
  await ann.get('message').filter({ hasText: 'Hello Ben' }).getByText(cyd.name).waitFor();
  await ben.reads('Hello all', 'read');
  const colour = (name) => ann.page.locator('.sender').filter({ hasText: name })
    .evaluate((element) => getComputedStyle(element).color);
  assert.match(await colour(ben.name), /^rgb/);
  assert.notEqual(await colour(ben.name), await colour(cyd.name));
  await ann.page.reload();
  await ann.get('message').filter({ hasText: 'Hello all' }).getByText(ben.name).waitFor();
});

test('the menu of a message tells who has read it, and who has only received it', async () => {
  const [ann, ben, cyd] = await people('ann', 'ben', 'cyd');
  await makes(ann, 'Readers', ben, cyd);
  await ben.open('Readers');
  await ann.say('Who is here?');
  await ben.reads('Who is here?');
  await ann.page.locator('[data-status=received]').waitFor();
  const opens = async (person) => {
    await person.get('message-actions').last().click();
    await person.sees('message-menu');
  };
  await opens(ann);
  await ann.get('action-readers').click();
  await ann.get('readers-read').getByText(ben.name).waitFor();
  await ann.get('readers-received').getByText(cyd.name).waitFor();
  await cyd.open('Readers');
  await ann.get('readers-read').getByText(cyd.name).waitFor();
  assert.equal(await ann.get('readers-received').count(), 0);
  await ann.page.keyboard.press('Escape');
  assert.equal(await ann.page.evaluate(() => document.activeElement.dataset.testid), 'message-actions');
  await opens(ben);
  assert.equal(await ben.get('action-readers').count(), 0, 'of others one is told nothing');
  await ann.find(ben.name);
  await ann.say('Between us');
  await opens(ann);
  assert.equal(await ann.get('action-readers').count(), 0, 'where there is one, the marks say it');
});

test('who has read it closes when nobody is left who could have', async () => {
  const [ann, ben] = await people('ann', 'ben');
  await makes(ann, 'Leavers', ben);
  await ann.say('Stay!');
  await ann.get('message-actions').last().click();
  await ann.get('action-readers').click();
  await ann.sees('message-readers');
  const { api, user } = await scene.stack.login(ben.name);
  const [{ _id }] = (await api('/api/conversations')).body.filter(({ title }) => title === 'Leavers');
  assert.equal((await api(`/api/conversations/${_id}/members/${user._id}`, { method: 'DELETE' })).status, 200);
  await ann.noLongerSees('message-readers');
  assert.equal(await ann.get('delete-yes').count(), 0);
});

test('of members who went the details say when they were seen', async () => {
  const [ann, ben] = await people('ann', 'ben');
  await makes(ann, 'Doors', ben);
  await opensDetails(ann);
  await member(ann, ben).getByText('online', { exact: true }).last().waitFor();
  await ben.page.close();
  await member(ann, ben).getByText(/^last seen/).waitFor();
});

test('several who type are named', async () => {
  const [ann, ben, cyd] = await people('ann', 'ben', 'cyd');
  await makes(ann, 'Chorus', ben, cyd);
  await ben.open('Chorus');
  await cyd.open('Chorus');
  await ben.get('composer-input').pressSequentially('a');
  await ann.get('company').getByText(`${ben.name} is typing…`).waitFor();
  await Promise.all([ben, cyd].map((p) => p.get('composer-input').pressSequentially('and so on and on')));
  await ann.get('company').getByText(/ and .* are typing…/).waitFor();
  await ann.sees('typing-indicator');
});

test('the owner renames, adds, hands over and removes, and each of it is said', async () => {
  const [ann, ben, cyd] = await people('ann', 'ben', 'cyd');
  await makes(ann, 'Garden', ben);
  await ben.open('Garden');
  await opensDetails(ann);
  await member(ann, ann).getByTestId('owner-mark').waitFor();
  await ann.get('edit-group').click();
  await ann.get('field-title').fill('Orchard');
  await ann.get('avatar-🌻').click();
  await ann.get('submit').click();
  await ann.leaves('edit');
  await ben.get('chat-title').getByText('Orchard').waitFor();
  await ben.reads(`${ann.name} named the group “Orchard”`);
  await ben.reads(`${ann.name} changed the picture`);
  await ben.get('conversation-Orchard').getByText('🌻').waitFor();

  await ann.get('add-people').click();
  await pick(ann, cyd);
  await ann.get('add-chosen').click();
  await ann.noLongerSees('add');
  await cyd.open('Orchard');
  await cyd.reads(`${ann.name} added you`);
  await cyd.page.getByText('You see what was written since you came.').waitFor();
  await ben.reads(`${ann.name} added ${cyd.name}`);
  await opensDetails(ben);
  assert.equal(await ben.get('edit-group').count(), 0);
  assert.equal(await ben.get('member-actions').count(), 0, 'only an owner rules');
  assert.equal(await ben.get('invite').count(), 0);

  await acts(ann, ben, 'hand-over');
  await member(ben, ben).getByTestId('owner-mark').waitFor();
  await ben.reads(`${ann.name} handed the group over to you`);
  await acts(ben, cyd, 'remove-member');
  await cyd.noLongerSees('conversation-Orchard');
  await cyd.page.getByText('This conversation is not here.').waitFor();
  await ann.reads(`${ben.name} removed ${cyd.name}`);
});

test('what a member was writing is there still when they were removed and are back', async () => {
  const [ann, ben] = await people('ann', 'ben');
  await makes(ann, 'Garden', ben);
  await ben.open('Garden');
  await ben.get('composer-input').fill('half a thought');
  const device = await scene.newcomer('device');
  await device.signIn(ben.name);
  await device.get('conversation-Garden').getByText('Draft: half a thought').waitFor();
  await opensDetails(ann);
  await acts(ann, ben, 'remove-member');
  await ben.page.getByText('This conversation is not here.').waitFor();
  await device.noLongerSees('conversation-Garden');
  await ann.get('add-people').click();
  await pick(ann, ben);
  await ann.get('add-chosen').click();
  await ben.reads(`${ann.name} added you`);
  await device.get('conversation-Garden').getByText('Draft: half a thought').waitFor();
  await ben.seesComposer('half a thought');
});

test('who has gone elsewhere before they have left stays there', async () => {
  const [ann, ben] = await people('ann', 'ben');
  await ann.find(ben.name);
  await ann.say('hello');
  await makes(ann, 'Ship', ben);
  await opensDetails(ann);
  let letGo;
  const held = new Promise((resolve) => { letGo = resolve; });
  await ann.page.route('**/members/me', async (route) => {
    const response = await route.fetch();
    await held;
    await route.fulfill({ response });
  });
  await ann.get('leave-group').click();
  const left = ann.page.waitForResponse('**/members/me');
  await ann.get('ask-yes').click();
  await ann.noLongerSees('conversation-Ship'); // the server has told of it
  await ann.open(ben.name);
  letGo();
  await left;
  await ann.page.waitForTimeout(300);
  await ann.get('chat-title').filter({ hasText: ben.name }).waitFor();
});

test('who leaves is asked first, is in no list any more, and the group goes on', async () => {
  const [ann, ben] = await people('ann', 'ben');
  await makes(ann, 'Ship', ben);
  await ben.open('Ship');
  await opensDetails(ann);
  await ann.get('leave-group').click();
  await ann.get('ask').getByText('Leave “Ship”?').waitFor();
  await ann.get('ask-no').click();
  await ann.noLongerSees('ask');
  await ann.get('leave-group').click();
  await ann.get('ask-yes').click();
  await ann.noLongerSees('conversation-Ship');
  await ann.noLongerSees('details');
  await ben.reads(`${ann.name} left. The group is yours now`);
  await ben.say('alone');
  await ben.reads('alone');
});

/* What the page shows as the link of the open group. */
async function linkOf(owner, days = '7') {
  await owner.get('invite-days').selectOption(days);
  await owner.get('invite-make').click();
  await owner.get('invite-until').getByText(/^Until /).waitFor();
  return owner.get('invite-address').inputValue();
}

test('a link is followed by who is signed in, and by who makes an account for it', async () => {
  const [ann, ben] = await people('ann', 'ben');
  await makes(ann, 'Open house');
  await opensDetails(ann);
  const link = await linkOf(ann);
  await ben.page.goto(link);
  await ben.get('join-no').click();
  await ben.noLongerSees('join');
  assert.equal(await ben.get('conversation-Open house').count(), 0);
  await ben.page.goto(link);
  await ben.get('join-yes').click();
  await ben.reads('You joined');
  await ann.reads(`${ben.name} joined`);
  const cyd = await scene.newcomer('cyd', { url: link });
  await cyd.get('invited').getByText('You were invited to a group').waitFor();
  await cyd.register();
  await cyd.reads('You joined');
  await cyd.say('Thank you');
  await ann.reads('Thank you');
  await member(ann, cyd).waitFor();
});

test('a link that is taken back, unknown or of a full group says so', async () => {
  const [ann, ben] = await people('ann', 'ben');
  await makes(ann, 'Closed house');
  await opensDetails(ann);
  const link = await linkOf(ann, '1');
  await ann.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await ann.get('invite-copy').click();
  await ann.get('invite-said').getByText('Copied.').waitFor();
  assert.equal(await ann.page.evaluate(() => navigator.clipboard.readText()), link);
  await ann.get('invite-revoke').click();
  await ann.get('invite-said').getByText('Taken back').waitFor();
  const refused = async (address, code, words) => {
    if (code) {
      await ben.page.route('**/api/join', (route) =>
        route.fulfill({ status: 410, json: { error: { code, message: code } } }));
    }
    await ben.page.goto(address);
    await ben.get('join-yes').click();
    await ben.get('join-error').getByText(words).waitFor();
    await ben.get('join-no').click();
    await ben.noLongerSees('join');
    await ben.page.unroute('**/api/join');
  };
  await refused(link, '', 'taken back');
  await refused(`${link.slice(0, -22)}${'A'.repeat(22)}`, '', 'no group behind this link');
  await refused(link, 'link_expired', 'expired');
  await refused(link, 'group_full', 'no more members');
});

test('who wants to be added by people they know alone is not, and it is said whom it is about', async () => {
  const [ann, ben] = await people('ann', 'ben');
  await ben.get('me').click();
  await ben.get('tab-privacy').click();
  await ben.get('switch-contactsAdd').click();
  await ben.page.locator('[data-testid=switch-contactsAdd][aria-checked=true]').waitFor();
  await ben.get('account-close').click();
  await ann.get('new-conversation').click();
  await ann.get('new-group').click();
  await pick(ann, ben);
  await ann.get('new-next').click();
  await ann.get('field-title').fill('No thanks');
  await ann.get('submit').click();
  await ann.get('form-error').getByText(`${ben.name}: Only people they have written with`).waitFor();
  await ann.get('new-back').click();
  await ann.get('new').getByRole('button', { name: `Do not take ${ben.name}` }).click();
  await ann.get('new-next').click();
  assert.equal(await ann.get('field-title').inputValue(), 'No thanks', 'what was written stays');
  await ann.get('submit').click();
  await ann.get('chat-title').getByText('No thanks').waitFor();
});

test('somebody is found and written to behind the same button, by keys alone', async () => {
  const [ann, ben] = await people('ann', 'ben');
  await ann.get('new-conversation').focus();
  await ann.page.keyboard.press('Enter');
  await ann.get('pick-search').focus();
  await ann.page.keyboard.type(ben.name);
  await ann.sees(`pick-row-${ben.name}`);
  await ann.page.keyboard.press('Enter');
  await ann.get('chat-title').getByText(ben.name).waitFor();
  await ann.noLongerSees('new');
  assert.equal(await ann.page.evaluate(() => document.activeElement.id), 'composer');
});

/* Their picker, where no search is answered before release(). */
async function picksUnanswered(person, answer = (route) => route.continue()) {
  await person.get('new-conversation').click();
  await person.get('new-group').click();
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  await person.page.route('**/api/users/search?*', async (route) => {
    await held;
    await answer(route);
  });
  await person.get('pick-search').focus();
  const types = async (text) => {
    await person.page.keyboard.type(text);
    await person.page.keyboard.press('Enter');
  };
  return { release, types };
}

/* ... with which everybody is called otherwise than before. */
async function answerRenamed(route) {
  const response = await route.fetch();
  const found = await response.json();
  await route.fulfill({ response, json: found.map((user) => ({ ...user, displayName: `${user.username} anew` })) });
}

const chosen = (person) => person.get('chosen').locator('.name').allInnerTexts();
const boxIs = (person, text) =>
  person.page.waitForFunction((wanted) => document.querySelector('[data-testid=pick-search]').value === wanted, text);

test('whoever is shown is taken by Enter without waiting, and stays so', async () => {
  const [ann, ben, cyd] = await people('ann', 'ben', 'cyd');
  await Promise.all([ben, cyd].map(({ name }) => ann.sees(`person-${name}`)));
  const { types, release } = await picksUnanswered(ann, answerRenamed);
  const asked = ann.page.waitForRequest('**/api/users/search?*');
  await ann.page.keyboard.type(ben.name);
  await asked;
  await ann.page.keyboard.press('Enter');
  assert.deepEqual(await chosen(ann), [ben.name]);
  await types(cyd.name);
  assert.deepEqual(await chosen(ann), [ben.name, cyd.name]);
  await types(ben.name);
  assert.deepEqual(await chosen(ann), [ben.name, cyd.name], 'who is chosen is not let go of');
  await boxIs(ann, '');
  release();
  await ann.get('chosen').getByText(`${ben.name} anew`).first().waitFor();
  await ann.get('new-next').getByText('2').waitFor();
  assert.equal((await chosen(ann)).length, 2);
});

test('whom only the server knows is taken when it says so, unless one is further by then', async () => {
  const [ann, ben] = await people('ann', 'ben');
  await ann.sees(`person-${ben.name}`);
  await ann.page.route(/\/api\/users\?/, (route) => route.fulfill({ json: [] })); // which has everybody else
  const { types, release } = await picksUnanswered(ann);
  await pick(ann, ben);
  const [dan, eve] = ['dan', 'eve'].map((stem) => `${stem}-${ann.name}`);
  await scene.stack.register(dan);
  await scene.stack.register(eve);
  await ann.get('pick-search').fill(dan);
  await ann.page.keyboard.press('Enter');
  assert.deepEqual(await chosen(ann), [ben.name]);
  await ann.get('new-next').click();
  await ann.sees('field-title');
  const answered = ann.page.waitForResponse('**/api/users/search?*');
  release();
  await answered;
  await ann.get('new-back').click();
  await ann.sees(`pick-row-${dan}`);
  assert.deepEqual(await chosen(ann), [ben.name], 'nobody is added unseen');
  await ann.get('pick-search').fill('');
  await ann.get('pick-search').focus();
  await types(eve);
  await boxIs(ann, '');
  assert.deepEqual(await chosen(ann), [ben.name, eve]);
});

test('on a phone what is known of a group is a page, and the way back leads through', async () => {
  const ann = await scene.registered('ann', { viewport: phone, isMobile: true, hasTouch: true });
  const ben = await scene.registered('ben');
  await makes(ann, 'Pocket', ben);
  await opensDetails(ann);
  assert.equal(await ann.get('composer-input').count(), 0);
  await ann.get('add-people').tap();
  await ann.sees('add');
  await ann.page.goBack();
  await ann.noLongerSees('add');
  await ann.sees('details');
  await ann.get('details-close').tap();
  await ann.noLongerSees('details');
  await ann.sees('composer-input');
  await opensDetails(ann);
  await ann.page.goBack();
  await ann.sees('composer-input');
  await ann.get('back').tap();
  await ann.get('conversation-Pocket').waitFor();
});

test('somebody is named by a few letters, stands out for them, and goes by today’s name', async () => {
  const [ann, ben, cyd] = await people('ann', 'ben', 'cyd');
  await makes(ann, 'Names', ben, cyd);
  for (const person of [ben, cyd]) await person.open('Names');
  await ann.get('composer-input').pressSequentially(`Ask @${ben.name.slice(0, 3)}`);
  await ann.sees(`mention-${ben.name}`);
  await ann.page.keyboard.press('Enter');
  await ann.noLongerSees('mentions');
  await ann.seesComposer(`Ask @${ben.name} `);
  await ann.page.keyboard.type('or @');
  await ann.sees(`mention-${cyd.name}`);
  await ann.page.keyboard.press('Escape');
  await ann.noLongerSees('mentions');
  await ann.page.keyboard.press('Backspace');
  await ann.page.keyboard.type('me');
  await ann.page.keyboard.press('Enter');
  const named = (person) => person.page.locator('.named');
  await named(ben).getByText(`@${ben.name}`).waitFor();
  assert.equal(await named(ben).evaluate((element) => element.classList.contains('me')), true);
  assert.equal(await named(cyd).evaluate((element) => element.classList.contains('me')), false);
  assert.match(await named(cyd).getAttribute('href'), /^#\/u\/[0-9a-f]{24}$/);

  await ben.get('me').click();
  await ben.get('field-displayName').fill('Benjamin');
  await ben.get('submit').click();
  await ben.get('form-done').getByText('Saved.').waitFor();
  await named(cyd).getByText('@Benjamin').waitFor();
  await cyd.get('conversation-Names').getByText(/Ask @Benjamin or me/).waitFor();

  await ann.page.reload();
  await ann.get('message-actions').last().click();
  await ann.get('action-edit').click();
  await ann.get('composer-input').press('End');
  await ann.page.keyboard.type('!');
  await ann.page.keyboard.press('Enter');
  await cyd.sees('edited');
  await named(cyd).getByText('@Benjamin').waitFor();
});

test('of two of one name each can be named', async () => {
  const [ann, ben, cyd] = await people('ann', 'ben', 'cyd');
  for (const person of [ben, cyd]) {
    await person.get('me').click();
    await person.get('field-displayName').fill('Sam');
    await person.get('submit').click();
    await person.get('form-done').getByText('Saved.').waitFor();
    await person.get('account-close').click();
  }
  await makes(ann, 'Sams', ben, cyd);
  for (const person of [ben, cyd]) await person.open('Sams');
  for (const { name } of [ben, cyd]) {
    await ann.get('composer-input').pressSequentially('@Sam');
    await ann.get(`mention-${name}`).click();
    await ann.noLongerSees('mentions');
  }
  await ann.get('send-button').click();
  for (const person of [ann, ben, cyd]) await person.reads('@Sam @Sam');
  for (const person of [ben, cyd]) assert.equal(await person.page.locator('.named.me').count(), 1);
});

test('a group that is muted counts on quietly, on all devices of the one who muted it', async () => {
  const [ann, ben] = await people('ann', 'ben');
  await makes(ann, 'Noise', ben);
  await ben.open('Noise');
  await opensDetails(ben);
  await ben.get('mute').click();
  await ben.get('mute-hour').click();
  await ben.get('mute-state').getByText(/^Muted until /).waitFor();
  await ben.get('details-close').click();
  await ben.noLongerSees('details');
  await ben.page.goto(`${scene.url}/#/`);
  const spoken = await ben.get('spoken').innerText();
  await ann.say('Hey');
  const badge = ben.get('conversation-Noise').getByTestId('unread-badge');
  await badge.getByText('1', { exact: true }).waitFor();
  assert.equal(await ben.page.title(), 'Palabre');
  assert.equal(await ben.get('spoken').innerText(), spoken);
  await ben.page.reload();
  await badge.getByText('muted').waitFor();
  await ben.open('Noise');
  await opensDetails(ben);
  await ben.get('mute').click();
  await ben.get('mute-state').getByText('New messages are announced.').waitFor();
  assert.equal(await ann.get('conversation-Noise').locator('.own-sign').count(), 0);
});

test('in a group too large to be shown at once its owner finds, removes, adds and hands over', async () => {
  const [ann, ben] = await people('ann', 'ben');
  const { stack } = scene;
  const owner = await stack.login(ann.name);
  const many = await Promise.all(Array.from({ length: 119 }, (_, n) => stack.register(`crowd${String(n).padStart(3, '0')}`)));
  const members = many.map(({ id }) => id);
  const made = await owner.api('/api/conversations', { body: { title: 'Crowd', members } });
  assert.equal(made.status, 201, made.text);
  await ann.open('Crowd');
  await opensDetails(ann);
  const details = ann.get('details');
  await details.getByText('120 members').waitFor();
  const rows = () => ann.get('members').getByRole('listitem').count();
  const last = (n) => member(ann, { name: `crowd${n}` }).waitFor();
  await last('048');
  assert.equal(await rows(), 50);
  assert.match(await ann.get('members').getByRole('listitem').first().innerText(), /owner/, 'one rules it');
  assert.equal(await ann.get('members').locator('[tabindex="0"]').count(), 1, 'they are one stop of the Tab key');
  await ann.get('members-next').click();
  await last('098');
  assert.equal(await rows(), 50);
  await ann.get('members-next').click();
  await last('118');
  assert.equal(await rows(), 20);
  assert.ok(await ann.get('members-next').isDisabled());
  await ann.get('members-back').click();
  await last('049');

  await ann.get('member-search').fill('WD117');
  await last('117');
  assert.equal(await rows(), 1);
  await acts(ann, { name: 'crowd117' }, 'remove-member');
  await details.getByText('Nobody found for “WD117”.').waitFor();
  await ann.get('member-search').fill('');
  await details.getByText('119 members').waitFor();

  await ann.get('add-people').click();
  await pick(ann, ben);
  await ann.get('add-chosen').click();
  await ben.open('Crowd');
  await details.getByText('120 members').waitFor();
  await ann.get('member-search').fill(ben.name);
  await acts(ann, ben, 'hand-over');
  await ann.get('edit-group').waitFor({ state: 'detached' });
  await opensDetails(ben);
  await ben.sees('edit-group');
  await member(ben, ann).getByTestId('owner-mark').waitFor({ state: 'detached' });
  await member(ben, { name: 'crowd000' }).getByTestId('member-actions').waitFor();
});
