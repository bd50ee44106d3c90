/*
 * base - where this page is, and with it the API and the sockets: `/`, or
 * `/chat/` where a proxy in front has given it a part of its own.
 */

export const base = globalThis.location
  ? new URL('.', globalThis.location.href).pathname : '/';

/* What this Palabre calls something in a browser, where others of the same host
 * have theirs. */
export const named = (name) => (base === '/' ? `palabre.${name}` : `palabre.${base}.${name}`);

/* An address of the server's as it is to be asked for. What a worker says
 * itself has the base in it already, if it knows one. */
export const under = (path) => (path.startsWith(base) ? path : base + path.slice(1));
