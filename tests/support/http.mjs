// A request as a client of the REST interface makes it.
import assert from 'node:assert/strict';
import http from 'node:http';
import { connect } from 'node:net';
import { holdAnswer } from './description.mjs';

/* As fetch() does, from that address of this machine (127.0.0.2, ...). */
function fetchFrom(address, url, { method, headers, body, signal }) {
  return new Promise((resolve, reject) => {
    const asked = http.request(url, { method, headers, signal, localAddress: address, agent: false },
      (answer) => {
        const chunks = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => resolve({
          status: answer.statusCode,
          headers: new Headers(answer.headers),
          text: async () => Buffer.concat(chunks).toString(),
        }));
      });
    asked.on('error', reject);
    asked.end(body);
  });
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/*
 * {status, headers, text, body}; body is the parsed JSON, if it is any. It fails
 * where the answer is not as described.
 * options.body: an object is sent as JSON, a string or Buffer as it is; from: the
 * address to ask from.
 */
export async function request(url, { method, token, body, headers = {}, signal, from } = {}) {
  const asIs = typeof body === 'string' || body instanceof Uint8Array;
  const sent = body === undefined || asIs ? body : JSON.stringify(body);
  const verb = method ?? (body === undefined ? 'GET' : 'POST');
  const ask = from === undefined ? fetch : (to, options) => fetchFrom(from, to, options);
  const response = await ask(url, {
    method: verb,
    headers: {
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: sent,
    redirect: 'manual',
    signal: signal ?? AbortSignal.timeout(15000),
  });
  const text = await response.text();
  const answer = {
    status: response.status, headers: response.headers, text, body: parse(text),
  };
  holdAnswer(verb, url, answer, sent && parse(sent));
  return answer;
}

/* Bytes as no client sends them, to nginx, which is to end the connection:
 * everything it answers. */
export function raw(port, bytes) {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('latin1').on('data', (text) => { answer += text; });
    socket.on('close', () => resolve(answer)).on('error', reject);
  });
}

export function assertError(answer, status, code, field) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.body.error.code, code);
  assert.equal(answer.body.error.field, field);
}
