/*
 * The service worker of the messenger, on https and localhost: with it the page
 * opens without a network. It keeps the page and its scripts, never what anybody
 * wrote, and answers for them alone; all else goes on as without it.
 *
 * At its top the build writes FILES, what the page cannot do without, and
 * VERSION, which is another one whenever those are. A worker waits until no page
 * of the one before it is open, so that no page misses a file of its own.
 */
/* global FILES, VERSION */

const PAGE = self.registration.scope;
const PREFIX = `palabre ${PAGE} `;
const CACHE = PREFIX + VERSION;
const PATIENCE_MS = 4000; // with a network that is there in name only

const known = new Set(FILES.map((name) => new URL(name, PAGE).href));
/* What these are called changes with what is in them. */
const isFixed = (address) => address.startsWith(`${PAGE}assets/`);

self.addEventListener('install', (event) => event.waitUntil(fill()));

async function fill() {
  const cache = await caches.open(CACHE);
  await cache.addAll([...known].map((address) =>
    new Request(address, { cache: isFixed(address) ? 'default' : 'no-cache' })));
}

self.addEventListener('activate', (event) => event.waitUntil(clear()));

async function clear() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const [address] = request.url.split(/[?#]/);
  if (request.method !== 'GET') return;
  if (isFixed(address)) event.respondWith(fixed(request, address));
  else if (known.has(address)) event.respondWith(newest(request, address));
});

const kept = async (address) => (await caches.open(CACHE)).match(address);

/* As it was kept, else from the network and kept from now on. */
async function fixed(request, address) {
  const there = await kept(address);
  if (there) return there;
  const fetched = await fetch(request);
  if (fetched.ok) (await caches.open(CACHE)).put(address, fetched.clone());
  return fetched;
}

/* From the network, as long as there is one. */
async function newest(request, address) {
  try {
    const fetched = await Promise.race([fetch(request), late()]);
    if (fetched.status < 500) return fetched;
  } catch {
    /* as it was kept */
  }
  return (await kept(address)) ?? Response.error();
}

const late = () => new Promise((_, reject) => {
  setTimeout(reject, PATIENCE_MS);
});

/* ---- notifications, see stores/notices.js ---------------------------- */

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(answer({ ...event.notification.data, text: event.reply ?? '' }));
});

/* By a page that is open, else by one that is opened for it. */
async function answer(what) {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const ours = pages.filter(({ url }) => url.split(/[?#]/)[0] === PAGE);
  const page = ours.find(({ visibilityState }) => visibilityState === 'visible') ?? ours[0];
  if (page && !what.text) await page.focus().catch(() => null);
  const taker = page ?? (await self.clients.openWindow(PAGE + what.hash));
  taker?.postMessage({ answer: what });
}
