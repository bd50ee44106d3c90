// A request as a client of the REST interface makes it.
import { holdAnswer } from './description.mjs';

/*
 * {status, headers, text, body}; body is the parsed JSON, if it is any. It fails
 * where the answer is not as described.
 * options.body: an object is sent as JSON, a string or Buffer as it is.
 */
export async function request(url, { method, token, body, headers = {}, signal } = {}) {
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const verb = method ?? (body === undefined ? 'GET' : 'POST');
  const response = await fetch(url, {
    method: verb,
    headers: {
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: body === undefined || raw ? body : JSON.stringify(body),
    redirect: 'manual',
    signal: signal ?? AbortSignal.timeout(15000),
  });
  const text = await response.text();
  let parsed;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  const answer = { status: response.status, headers: response.headers, text, body: parsed };
  holdAnswer(verb, url, answer);
  return answer;
}
