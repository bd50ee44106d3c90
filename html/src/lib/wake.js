/*
 * wake - the moments after which a connection may be dead without anybody
 * having been told: the network changed, the page is seen again or has the
 * focus after a pause, or the clock jumped, since the machine slept.
 */

const PAUSE_MS = 3000; // without the focus
const TICK_MS = 500;
const JUMP_MS = 4000; // that a tick came too late, or too early

const seen = () => document.visibilityState === 'visible';

/* -> a function that stops it. */
export function onWake(callback) {
  const stops = [];
  const on = (target, type, listener) => {
    target.addEventListener(type, listener);
    stops.push(() => target.removeEventListener(type, listener));
  };

  on(globalThis, 'online', callback);
  on(globalThis, 'pageshow', ({ persisted }) => persisted && callback());
  on(document, 'resume', callback);
  on(document, 'visibilitychange', () => seen() && callback());
  if (navigator.connection?.addEventListener) on(navigator.connection, 'change', callback);

  let left = Date.now();
  on(globalThis, 'blur', () => {
    left = Date.now();
  });
  on(globalThis, 'focus', () => {
    if (Math.abs(Date.now() - left) > PAUSE_MS) callback();
  });

  /* Of a page that nobody sees the ticks come late, too: it is seen first. */
  let last = Date.now();
  const ticks = setInterval(() => {
    const late = Date.now() - last - TICK_MS;
    last = Date.now();
    if (Math.abs(late) > JUMP_MS && seen()) callback();
  }, TICK_MS);
  stops.push(() => clearInterval(ticks));

  return () => stops.forEach((stop) => stop());
}
