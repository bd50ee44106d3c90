/*
 * forms - what the page refuses before asking the server, with the server's
 * own limits, and where on a form a refusal of the server belongs.
 * Checks answer {field: key of the text}.
 */

import { isEmoji } from './emoji.js';
import { fileOf } from './file-kinds.js';
import { limits } from './generated.js';

const codePoints = (text) => [...text].length;
const outside = (text, min, max) =>
  codePoints(text) < min || codePoints(text) > max;

/* One rule per field: the key of what is wrong with it, or ''. */
const rules = {
  username(name) {
    if (!name) return 'field.required';
    if (/[\s@]/u.test(name)) return 'field.usernameShape';
    return outside(name, limits.usernameMin, limits.username)
      ? 'field.usernameLength' : '';
  },
  email: (email) =>
    email && !/^[^\s@]+@[^\s@]+$/u.test(email) ? 'field.invalid.email' : '',
  displayName: (name) =>
    outside(name, 0, limits.displayName) ? 'field.displayNameLength' : '',
  statusText: (text) =>
    outside(text, 0, limits.statusText) ? 'field.statusTextLength' : '',
  avatar: (text) => (text && !isEmoji(text) && !fileOf(text) ? 'field.invalid.avatar' : ''),
  title: (title) => {
    if (!title) return 'field.required';
    return outside(title, 1, limits.groupTitle) ? 'field.titleLength' : '';
  },
  login: (text) => (text ? '' : 'field.required'),
  /* spaces count in these */
  password: (text) => (text ? '' : 'field.required'),
  newPassword(text) {
    if (!text) return 'field.required';
    return outside(text, limits.passwordMin, limits.password)
      ? 'field.passwordLength' : '';
  },
};

function check(values) {
  const errors = {};
  for (const [field, value] of Object.entries(values)) {
    const wrong = rules[field](value);
    if (wrong) errors[field] = wrong;
  }
  return errors;
}

export function checkRegistration({ username, email, password }) {
  const { newPassword, ...errors } = check({
    username: username.trim(),
    email: email.trim(),
    newPassword: password,
  });
  return newPassword ? { ...errors, password: newPassword } : errors;
}

export const checkSignIn = ({ login, password }) =>
  check({ login: login.trim(), password });

export const checkGroup = ({ title, avatar }) => check({ title: title.trim(), avatar });

export const checkPassword = ({ password, newPassword }) =>
  check({ password, newPassword });

/*
 * What of a profile was changed, as the server wants it. A display name that
 * is the username is none: the server shows that of whoever has none.
 */
export function profileOf(user) {
  const { username, displayName = '', statusText = '', avatar = '' } = user;
  return {
    username,
    displayName: displayName === username ? '' : displayName,
    statusText,
    avatar,
    email: user.email ?? '',
  };
}

export function profileChanges(user, form) {
  const was = profileOf(user);
  const changes = {};
  for (const field of Object.keys(was)) {
    const now = form[field].trim();
    if (now !== was[field]) changes[field] = now;
  }
  return changes;
}

/* Only what was changed: a picture of another app may stay. */
export const checkProfile = check;

/* The key of a refusal at a field, which there may be no text for. */
export const refusalKey = ({ code, field }) => `field.${code}.${field}`;

/* Their rules are the server's own (how long, how common, whose): it says best
 * which was broken. Of the others all but one are checked here. */
const RULED = new Set(['username', 'password', 'newPassword']);
export const saysItself = ({ code, field, message }) =>
  code === 'invalid' && RULED.has(field) && Boolean(message) && message !== code;
