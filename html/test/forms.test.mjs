import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeAgent } from '../src/lib/agents.js';
import { isEmoji, isEmojiOnly, leadingEmoji } from '../src/lib/emoji.js';
import {
  checkPassword,
  checkProfile,
  checkRegistration,
  checkSignIn,
  profileChanges,
  profileOf,
  refusalKey,
  saysItself,
} from '../src/lib/forms.js';
import { messages } from '../src/lib/strings.js';

test('a registration that the server would refuse is refused at its field', () => {
  const good = { username: 'ann', email: '', password: 'secret12' };
  assert.deepEqual(checkRegistration(good), {});
  assert.deepEqual(checkRegistration({ ...good, username: ' ann ', email: ' a@b ' }), {});
  assert.deepEqual(checkRegistration({ ...good, username: 'a@b' }), { username: 'field.usernameShape' });
  assert.deepEqual(checkRegistration({ ...good, username: 'ab' }), { username: 'field.usernameLength' });
  assert.deepEqual(checkRegistration({ ...good, email: 'x' }), { email: 'field.invalid.email' });
  assert.deepEqual(checkRegistration({ ...good, password: '12345' }), { password: 'field.passwordLength' });
});

test('to sign in or change a password nothing may be left out', () => {
  assert.deepEqual(Object.keys(checkSignIn({ login: ' ', password: '' })), ['login', 'password']);
  assert.deepEqual(checkSignIn({ login: 'a', password: ' ' }), {});
  assert.deepEqual(Object.keys(checkPassword({ password: '', newPassword: '' })), ['password', 'newPassword']);
  assert.deepEqual(checkPassword({ password: 'x', newPassword: '12345' }),
    { newPassword: 'field.passwordLength' });
});

test('a profile is checked as the server counts: in code points', () => {
  assert.deepEqual(checkProfile({ displayName: '🦊'.repeat(64), statusText: 'é'.repeat(140) }), {});
  assert.deepEqual(checkProfile({ displayName: 'x'.repeat(65), statusText: 'x'.repeat(141), avatar: 'me' }), {
    displayName: 'field.displayNameLength',
    statusText: 'field.statusTextLength',
    avatar: 'field.invalid.avatar',
  });
  assert.deepEqual(checkProfile({ avatar: '🇫🇷', email: '' }), {});
});

test('only what was changed of a profile is sent', () => {
  const user = { username: 'ann', displayName: 'ann', statusText: 'here', avatar: 'https://x.example/a.png', email: null };
  const form = profileOf(user);
  assert.equal(form.displayName, '', 'the username stands in for a name that nobody gave');
  assert.deepEqual(profileChanges(user, form), {});
  assert.deepEqual(profileChanges(user, { ...form, displayName: ' Ann ', statusText: '' }),
    { displayName: 'Ann', statusText: '' });
});

test('every refusal of a field that a form has is said in words of ours', () => {
  const fields = ['username', 'email', 'password', 'newPassword', 'displayName', 'statusText', 'avatar'];
  const refusals = [...fields.map((field) => ({ code: 'invalid', field })),
    { code: 'taken', field: 'username' }, { code: 'taken', field: 'email' },
    { code: 'wrong_password', field: 'password' }];
  for (const refusal of refusals) assert.ok(messages.en[refusalKey(refusal)], refusalKey(refusal));
});

test('which rule of a name or a password was broken the server says itself', () => {
  const message = 'This password is one of the commonest.';
  for (const field of ['username', 'password', 'newPassword']) {
    assert.equal(saysItself({ code: 'invalid', field, message }), true);
    assert.equal(saysItself({ code: 'invalid', field, message: 'invalid' }), false);
  }
  assert.equal(saysItself({ code: 'taken', field: 'username', message: 'Taken.' }), false);
  assert.equal(saysItself({ code: 'invalid', field: 'displayName', message }), false);
});

test('a few emoji alone are large, words and numbers are not', () => {
  for (const text of ['👍', '🎉 🎉', '👩‍🌾', '❤️', '🇫🇷', '1️⃣', '👋🏽 🏴󠁧󠁢󠁳󠁣󠁴󠁿']) {
    assert.equal(isEmojiOnly(text), true, text);
  }
  for (const text of ['ok 👍', '12', '', '👍👍👍👍', '🇫', '#']) assert.equal(isEmojiOnly(text), false, text);
});

test('a picture is one emoji, whatever follows it', () => {
  assert.equal(leadingEmoji('👨‍👩‍👧 and the dog'), '👨‍👩‍👧');
  assert.equal(leadingEmoji('🇫🇷🇩🇪'), '🇫🇷');
  assert.equal(leadingEmoji('https://a.example/😀'), '');
  assert.deepEqual(['🦊', '👋🏽', ''].map(isEmoji), [true, true, false]);
  assert.equal(isEmoji('🦊🦊'), false);
});

test('a browser is named by its own name, not by those it goes under', () => {
  const named = (agent) => Object.values(describeAgent(agent));
  const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36';
  assert.deepEqual(named(chrome), ['Chrome', 'Linux', false]);
  assert.deepEqual(named(`${chrome.replace('X11; Linux x86_64', 'Windows NT 10.0; Win64; x64')} Edg/130.0.0.0`),
    ['Edge', 'Windows', false]);
  assert.deepEqual(named('Mozilla/5.0 (Android 14; Mobile; rv:131.0) Gecko/131.0 Firefox/131.0'),
    ['Firefox', 'Android', true]);
  assert.deepEqual(named('Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1'),
    ['Safari', 'iPhone', true]);
  assert.deepEqual(named('curl/8.0'), ['', '', false]);
});
