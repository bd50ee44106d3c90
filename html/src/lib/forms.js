/*
 * forms - what the page refuses before asking the server, with the server's
 * own limits, and where on a form a refusal of the server belongs.
 * Checks answer {field: key of the text}.
 */

const USERNAME = { min: 3, max: 32 };
const PASSWORD = { min: 6, max: 128 };

const codePoints = (text) => [...text].length;
const outside = (text, { min, max }) =>
  codePoints(text) < min || codePoints(text) > max;

export function checkRegistration({ username, email, password }) {
  const errors = {};
  const name = username.trim();
  if (!name) errors.username = 'field.required';
  else if (/[\s@]/u.test(name)) errors.username = 'field.usernameShape';
  else if (outside(name, USERNAME)) errors.username = 'field.usernameLength';
  if (email.trim() && !/^[^\s@]+@[^\s@]+$/u.test(email.trim())) {
    errors.email = 'field.email';
  }
  if (!password) errors.password = 'field.required';
  else if (outside(password, PASSWORD)) errors.password = 'field.passwordLength';
  return errors;
}

export function checkSignIn({ login, password }) {
  const errors = {};
  if (!login.trim()) errors.login = 'field.required';
  if (!password) errors.password = 'field.required';
  return errors;
}

const TAKEN = { username: 'field.usernameTaken', email: 'field.emailTaken' };

/* -> {field, key?} or null when the error is about no field of the form. */
export function fieldError(error, registering) {
  const { field } = error;
  if (registering) {
    if (!['username', 'email', 'password'].includes(field)) return null;
    return { field, key: error.status === 409 ? TAKEN[field] : undefined };
  }
  if (field === 'password') return { field };
  if (field === 'username' || field === 'email') return { field: 'login' };
  return null;
}
