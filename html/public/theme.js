/*
 * Before the first pixel: the chosen theme, else the system's; the language; and
 * what is to be seen until the page's script is there (html/first.js).
 */
(function () {
  const root = document.documentElement;
  const base = new URL('.', location.href).pathname;
  const prefix = base === '/' ? 'palabre.' : 'palabre.' + base + '.';

  function kept(name) {
    try {
      return JSON.parse(localStorage.getItem(prefix + name));
    } catch {
      return null; // no storage, or nothing that is ours
    }
  }

  function theme() {
    try {
      const chosen = localStorage.getItem('palabre.theme');
      if (chosen === 'light' || chosen === 'dark') return chosen;
    } catch {
      /* no storage: follow the system */
    }
    return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  }

  function language() {
    const wanted = [kept('language')].concat(navigator.languages).map((tag) => String(tag).slice(0, 2).toLowerCase());
    return wanted.find((tag) => tag === 'en' || tag === 'fr') || 'en';
  }

  /* With something to say first there is no form that could stay where it is. */
  function first() {
    const session = kept('user');
    if (session && session.token) return 'known';
    return (session && session.ended) || /^#\/join\//.test(location.hash) ? 'none' : 'sign-in';
  }

  root.setAttribute('data-theme', theme());
  root.setAttribute('lang', language());
  root.setAttribute('data-first', first());
  /* Sent before there was a script to send it: html/src/lib/typed.js. */
  document.addEventListener('submit', (event) => {
    if (!event.target.closest('.first-screen')) return;
    event.preventDefault();
    event.target.setAttribute('data-sent', '');
  });
})();
