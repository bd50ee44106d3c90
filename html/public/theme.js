/* Before the first pixel: the chosen theme, else the system's. */
(function () {
  let theme = null;
  try {
    theme = localStorage.getItem('palabre.theme');
  } catch {
    /* no storage: follow the system */
  }
  if (theme !== 'light' && theme !== 'dark') {
    theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  }
  document.documentElement.setAttribute('data-theme', theme);
})();
