/*
 * What stands on the messenger's page before its script is there: the form to
 * sign in, or the outlines of the lists for whoever is signed in. public/theme.js
 * chooses by <html data-first lang>; components/SignIn.vue and Skeleton.vue draw
 * the same in its place, with the same classes, so that nothing moves.
 */
import { messages } from './src/lib/strings.js';

const both = (key) => Object.entries(messages)
  .map(([language, words]) => `<span lang="${language}">${words[key]}</span>`).join('');

const field = ({ name, type, autocomplete, label }) => `
<div class="field">
<label for="field-${name}">${both(label)}</label>
<div class="box">
<input id="field-${name}" name="${name}" type="${type}" autocomplete="${autocomplete}" autocapitalize="none" spellcheck="false">
${type === 'password' ? '<span class="icon-button"></span>' : ''}
</div>
</div>`;

const signIn = `
<main class="entry first-screen sign-in">
<section class="card">
<header>
<img src="/favicon.svg" alt="" width="56" height="56">
<h1>Palabre</h1>
<p class="tagline">${both('app.tagline')}</p>
</header>
<form method="post">
${field({ name: 'login', type: 'text', autocomplete: 'username', label: 'auth.login' })}
${field({ name: 'password', type: 'password', autocomplete: 'current-password', label: 'auth.password' })}
<div class="form-end"><button type="submit" class="button primary">${both('auth.signIn')}</button></div>
</form>
<p class="other">${both('auth.toRegister')} <span class="link">${both('auth.register')}</span></p>
<p class="other"><span class="link">${both('auth.lost')}</span></p>
</section>
</main>`;

const ROWS = 9;
const outlines = `
<div class="skeleton first-screen known"><div class="skeleton-list">${'<p><i></i><b></b><b></b></p>'.repeat(ROWS)}</div></div>`;

/* For Vite: in the place of <!--first-->. */
export const firstPlugin = () => ({
  name: 'palabre-first',
  transformIndexHtml: {
    order: 'pre',
    handler: (html) => html.replace('<!--first-->', `${signIn}${outlines}`.replace(/\n/g, '')),
  },
});
