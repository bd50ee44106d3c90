// The description is the contract: docs/openapi.json and docs/asyncapi.yaml.
// Every answer, event and acknowledgement that a test meets is held against
// them where it arrives, and noted in the file that PALABRE_SEEN names.
import { appendFileSync, readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import YAML from 'yaml';

const OPENAPI = 'https://palabre.invalid/openapi.json';
const ASYNCAPI = 'https://palabre.invalid/asyncapi.yaml';
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
/* What nginx and the router say of an address or method that is not there. */
const ELSEWHERE = [400, 404, 405, 413, 414, 431, 503];

const read = (name) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
export const openapi = JSON.parse(read('openapi.json'));
export const asyncapi = YAML.parse(read('asyncapi.yaml'));

/* Of every documented operation: {method, path, operation}. */
export const operations = Object.entries(openapi.paths).flatMap(([path, item]) =>
  METHODS.filter((method) => item[method]).map((method) =>
    ({ method: method.toUpperCase(), path, operation: item[method] })));

/* ---- what is looked up once ---- */

const ajv = new Ajv({
  strict: true,
  allowUnionTypes: true,
  formats: { 'date-time': (text) => !Number.isNaN(Date.parse(text)) },
});
ajv.addVocabulary([...new Set([...Object.keys(openapi), ...Object.keys(asyncapi)])]);
ajv.addSchema(openapi, OPENAPI, undefined, false);
ajv.addSchema(asyncapi, ASYNCAPI, undefined, false);

const validators = new Map();

/* The validator of a JSON pointer into one of both. */
function validator(document, pointer) {
  const $ref = `${document}#${pointer}`;
  if (!validators.has($ref)) validators.set($ref, ajv.compile({ $ref }));
  return validators.get($ref);
}

const pointer = (...words) => words.map((word) =>
  `/${String(word).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/* {pointer, value}, after any $ref. */
function at(document, ...words) {
  const value = words.reduce((parent, word) => parent?.[word], document);
  return typeof value?.$ref === 'string'
    ? at(document, ...value.$ref.slice(2).split('/').map((word) =>
      word.replaceAll('~1', '/').replaceAll('~0', '~')))
    : { pointer: pointer(...words), value };
}

/* Each event by its name: the message as the description has it. */
function events(action) {
  const found = {};
  for (const operation of Object.values(asyncapi.operations)) {
    if (operation.action !== action) continue;
    for (const { $ref } of operation.messages) {
      const key = $ref.split('/').at(-1);
      const message = asyncapi.components.messages[key];
      found[message.name] = {
        payload: message.payload && pointer('components', 'messages', key, 'payload'),
        reply: operation.reply && pointer('components', 'messages',
          operation.reply.messages[0].$ref.split('/').at(-1), 'payload'),
      };
    }
  }
  return found;
}

export const heardEvents = events('send'); /* by a client */
export const askedEvents = events('receive');

/* ---- noting ---- */

const noted = new Set();

function note(line) {
  if (!process.env.PALABRE_SEEN || noted.has(line)) return;
  noted.add(line);
  appendFileSync(process.env.PALABRE_SEEN, `${line}\n`);
}

function violation(what, why, value) {
  const shown = JSON.stringify(value) ?? '';
  const text = `${what}: ${why}${shown && `: ${shown.slice(0, 500)}`}`;
  note(`violation ${text}`);
  throw new Error(`not as described: ${text}`);
}

function hold(what, document, place, value) {
  const validate = validator(document, place);
  if (validate(value)) return;
  const [{ instancePath, message, params }] = validate.errors;
  violation(what, `${instancePath || 'it'} ${message} ${JSON.stringify(params)}`, value);
}

/* ---- REST ---- */

const segments = (path) => path.split('/').filter((word) => word !== '');

function fits(template, path) {
  const [words, given] = [segments(template), segments(path)];
  return words.length === given.length &&
    words.every((word, i) => word.startsWith('{') || word === given[i]);
}

/* The methods of an address, each with its operation's path. A fixed word is
 * no parameter, whatever the method. */
function methodsOf(path) {
  const names = Object.keys(openapi.paths).filter((template) => fits(template, path));
  const [template] = names.sort((a, b) => a.split('{').length - b.split('{').length);
  return Object.fromEntries(METHODS
    .filter((method) => template && openapi.paths[template][method])
    .map((method) => [method.toUpperCase(), template]));
}

const ERROR = pointer('components', 'schemas', 'Error');

function holdElsewhere(what, methods, { status, headers, body }) {
  if (!ELSEWHERE.includes(status)) violation(what, `${status} is not described`, body);
  hold(`${what} ${status}`, OPENAPI, ERROR, body);
  if (status !== 405) return;
  const allow = headers.get('allow').split(', ').sort();
  const described = [...Object.keys(methods), ...methods.GET ? ['HEAD'] : [], 'OPTIONS'].sort();
  if (allow.join() !== described.join()) violation(what, 'Allow is not as described', allow);
}

function holdHeaders(what, described, headers) {
  for (const name of Object.keys(described ?? {})) {
    const { required, schema: { pattern } } = at(openapi, 'components', 'headers',
      described[name].$ref.split('/').at(-1)).value;
    const value = headers.get(name);
    if (value === null && !required) continue;
    if (value === null || !new RegExp(pattern, 'u').test(value)) {
      violation(what, `the header ${name} is not as described`, value);
    }
  }
}

/* What was accepted is what may be asked for: no limit is looser than said. */
function holdAsked(what, { path, method, operation }, asked) {
  const described = operation.requestBody;
  if (!described?.content['application/json'] || (asked === undefined && !described.required)) return;
  hold(`${what}, asked`, OPENAPI, pointer('paths', path, method.toLowerCase(), 'requestBody',
    'content', 'application/json', 'schema'), asked);
}

/* answer: {status, headers, text, body}; asked: the body of the request. */
export function holdAnswer(method, url, answer, asked) {
  const path = new URL(url).pathname;
  if (!path.startsWith('/api/')) return;
  if (method === 'OPTIONS' && answer.status === 204) return;
  const methods = methodsOf(path);
  const template = methods[method === 'HEAD' ? 'GET' : method];
  if (!template) {
    holdElsewhere(`${method} ${path}`, methods, answer);
    return;
  }
  const what = `${method} ${template} ${answer.status}`;
  const { pointer: place, value } = at(openapi,
    'paths', template, (method === 'HEAD' ? 'GET' : method).toLowerCase(), 'responses',
    String(answer.status));
  if (!value) violation(what, 'it is not described', answer.body);
  holdHeaders(what, value.headers, answer.headers);
  const bytes = ['*/*', answer.headers.get('content-type')].some((type) =>
    value.content?.[type] && !/json/.test(type));
  if (bytes || answer.status === 304) { /* of a file */
    note(what);
    return;
  }
  if (!/^application\/json(;|$)/.test(answer.headers.get('content-type'))) {
    violation(what, 'it is no JSON', answer.headers.get('content-type'));
  }
  if (method === 'HEAD') return;
  hold(what, OPENAPI, `${place}/content/application~1json/schema`, answer.body);
  if (answer.status < 300) {
    holdAsked(what, operations.find((one) => one.method === method && one.path === template), asked);
  }
  note(what);
}

/* ---- Socket.IO ---- */

const CONNECT_ERROR = 4;

function holdEvent(name, args) {
  const described = Object.hasOwn(heardEvents, name) ? heardEvents[name] : undefined;
  if (!described) violation(`event ${name}`, 'it is not described', args);
  if (args.length !== (described.payload ? 1 : 0)) {
    violation(`event ${name}`, `${args.length} arguments`, args);
  }
  if (described.payload) hold(`event ${name}`, ASYNCAPI, described.payload, args[0]);
  note(`event ${name}`);
}

const REFUSED = pointer('components', 'schemas', 'Refused');

function holdAck(name, asked, args) {
  const described = Object.hasOwn(askedEvents, name) ? askedEvents[name] : undefined;
  const what = `acknowledgement ${name}`;
  if (args.length !== 1) violation(what, `${args.length} arguments`, args);
  hold(what, ASYNCAPI, described?.reply ?? REFUSED, args[0]);
  if (args[0].ok) hold(`${what}, asked`, ASYNCAPI, described.payload, asked);
  if (described) note(`${what} ${args[0].ok ? 'ok' : 'refused'}`);
}

/* Holds all that comes over a socket of socket.io-client. */
export function watchSocket(socket) {
  const asked = new Map();
  const { packet: send, onack, onevent } = socket;
  socket.packet = (packet) => {
    if (packet.id !== undefined) asked.set(packet.id, packet.data);
    return send.call(socket, packet);
  };
  socket.onevent = (packet) => {
    const [name, ...args] = packet.data;
    onevent.call(socket, packet);
    holdEvent(name, args);
  };
  socket.onack = (packet) => {
    const args = [...packet.data]; // the client puts its own error before them
    onack.call(socket, packet);
    const [name, data] = asked.get(packet.id);
    holdAck(name, data, args);
  };
  socket.io.on('packet', ({ type, data }) => {
    if (type === CONNECT_ERROR) holdEvent('connect_error', [data]);
  });
}
