/*
 * typed - what was typed into the form that the page came with, before this
 * script took its place: {login, password, sent, focus}. html/first.js draws it.
 */

const form = document.querySelector('.first-screen form');
const valueOf = (name) => form?.elements[name].value ?? '';

export const typed = {
  login: valueOf('login'),
  password: valueOf('password'),
  /* by Enter, or its button */
  sent: Boolean(form?.hasAttribute('data-sent')),
  /* the name of the field that has the focus, or '' */
  focus: form?.contains(document.activeElement) ? document.activeElement.name : '',
};
