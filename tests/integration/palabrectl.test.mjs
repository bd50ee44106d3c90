// palabrectl and the flags of all programs: what is said to a mistake, and the
// exit status. What palabrectl does to accounts is in palabrectl-user.test.mjs.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { build, startStack, waitFor } from '../support/stack.mjs';
import { terminal } from '../support/terminal.mjs';

let stack;

before(async () => { stack = await startStack(); });
after(() => stack.stop());

/* A program on its own: {code, stdout, stderr} */
function call(program, ...args) {
  return new Promise((resolve) => {
    execFile(path.join(build, program), args, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }));
  });
}

for (const program of ['ctl/palabrectl', 'fcgi-app/palabre-api', 'push-daemon/palabre-pushd']) {
  test(`${program} explains itself and names what it does not understand`, async () => {
    const help = await call(program, '--help');
    assert.equal(help.code, 0);
    assert.match(help.stdout, /^Usage: palabre/);
    assert.match(help.stdout, /^ {2}api_workers /m);
    assert.equal((await call(program, '--version')).code, 0);
    assert.equal((await call(program, '--check-config')).stdout, 'The configuration is valid.\n');
    for (const [flag, complaint] of [
      ['--colour', 'palabre: --colour: unknown flag; see --help\n'],
      ['--api_workers', 'palabre: --api_workers: a value is missing\n'],
      ['--set=api_workers=0', 'palabre: --set=api_workers=0: unknown flag; see --help\n'],
    ]) {
      const answer = await call(program, flag);
      assert.ok(answer.code > 0, flag);
      assert.equal(answer.stderr, complaint);
    }
    assert.match((await call(program, '--api_workers', '0', '--check-config')).stderr,
      /^palabre: command line: api_workers = 0: expected a number from 1 to 64$/m);
    const word = await call(program, 'colour');
    assert.ok(word.code > 0);
    assert.match(word.stderr, /^palabre\S+: colour: .*--help\n$/);
  });
}

test('a command of palabrectl that is none, or too long, changes nothing', async () => {
  for (const [words, complaint] of [
    [[], /^Usage: palabrectl /],
    [['verify', 'all'], /^palabrectl: verify: nothing may follow it\n$/],
    [['ping', 'all'], /^palabrectl: ping: nothing may follow it\n$/],
    [['user'], /^palabrectl: user: no such command; see --help\n$/],
    [['backup'], /^palabrectl: this is: palabrectl backup FILE\n$/],
    [['restore', 'a', 'b'], /^palabrectl: this is: palabrectl restore FILE\n$/],
    [['user', 'colour', 'ann'], /^palabrectl: user colour: no such command; see --help\n$/],
    [['user', 'role', 'ann'], /^palabrectl: this is: palabrectl user role NAME user\|operator\n$/],
  ]) {
    const answer = await stack.ctl(...words);
    assert.equal(answer.code, 2, words.join(' '));
    assert.match(answer.stderr, complaint);
    assert.equal(answer.stdout, '');
  }
});

test('palabre-pushd is asked, and missed where it is not', async () => {
  const ping = await stack.ctl('ping');
  assert.equal(ping.code, 0);
  assert.equal(JSON.parse(ping.stdout).pid, stack.pid('palabre-pushd'));
  assert.equal(typeof JSON.parse((await stack.ctl('stats')).stdout).stats.connections, 'number');
  const missed = await stack.ctl('--set', 'ctl_socket=/nowhere/ctl.sock', 'ping');
  assert.equal(missed.code, 2);
  assert.equal(missed.stderr,
    'palabrectl: palabre-pushd at /nowhere/ctl.sock: No such file or directory\n');
});

test('a palabre-pushd that hangs is waited for 5 s, not for ever', async () => {
  process.kill(stack.pid('palabre-pushd'), 'SIGSTOP');
  const began = Date.now();
  const silent = await stack.ctl('ping').finally(() =>
    process.kill(stack.pid('palabre-pushd'), 'SIGCONT'));
  assert.equal(silent.code, 2);
  assert.match(silent.stderr, /: no answer\n$/);
  assert.ok(Date.now() - began >= 4900, `${Date.now() - began} ms`);
});

test('with --json there is one value of it, whatever becomes of the command', async () => {
  const { user } = await stack.register('json');
  for (const [words, code, said] of [
    [['verify'], 0, { ok: true, conversations: 0, problems: [] }],
    [['user', 'disable', user.username], 0,
      { ok: true, message: 'json: is disabled and signed out everywhere' }],
    [['user', 'disable', 'no\u001body'], 1, { ok: false, error: 'noody: there is no such user' }],
    [['--set', 'store=sqlite:/nowhere/else.db', 'verify'], 2, { ok: false, problems: [],
      error: 'cannot verify: cannot open /nowhere/else.db: No such file or directory' }],
  ]) {
    const answer = await stack.ctl(...words, '--json');
    assert.equal(answer.code, code, answer.stderr);
    assert.deepEqual(JSON.parse(answer.stdout), said);
    assert.equal(answer.stderr, said.error === undefined ? '' : `${said.error}\n`);
  }
});

test('a store that is not there is named, not made', async () => {
  const { code, stdout } = await stack.ctl('--set', 'store=sqlite:/nowhere/else.db', 'verify');
  assert.equal(code, 2);
  assert.equal(stdout,
    'cannot verify: cannot open /nowhere/else.db: No such file or directory\n');
});

test('the settings that count are shown, wherever they are from', async () => {
  const { stdout } = await stack.ctl('--set', 'token_days=7', 'config');
  assert.match(stdout, /^token_days = 7$/m);
  assert.match(stdout, new RegExp(`^dir = ${stack.dir}$`, 'm'));
  const settings = JSON.parse((await stack.ctl('config', '--json')).stdout);
  assert.deepEqual([settings.dir, settings.write_rate, settings.guests, settings.log_format],
    [stack.dir, 100000, true, 'text']);
});

/* What the last of the words is completed with. */
const offered = [
  [['back'], ['backup']],
  [['user', 'ro'], ['role']],
  [['user', 'role', 'ann', ''], ['user', 'operator']],
  [['user', 'role', 'ann', 'user', ''], ['user', 'operator']],
  [['user', 'role', ''], []],
  [['broadcast', 'Hello, all.', 'w'], ['warning']],
  [['--config', 'x', '--set', 'a=b', 'token', 'iss'], ['issue']],
  [['--config', 'palabre.c'], ['palabre.conf']],
  [['--set', ''], []],
  [['backup', 'palabre.c'], ['palabre.conf']],
  [['user', 'export', 'ann', 'palabre.c'], ['palabre.conf']],
  [['verify', '--js'], ['--json']],
  [['colour', ''], []],
];

/* All names of commands, as the first word. */
async function commandNames() {
  const help = (await call('ctl/palabrectl', '--help')).stdout.split('\nSettings')[0];
  return new Set([...help.matchAll(/^ {2}([a-z]+)/gm)].map(([, word]) => word));
}

const completion = async (shell) => (await call('ctl/palabrectl', 'completion', shell)).stdout;

/* What bash offers for the last of these words. */
async function completions(...words) {
  const lines = `${await completion('bash')}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}) COMP_CWORD=${words.length - 1}
_palabrectl; printf '%s\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await promisify(execFile)('bash', ['-c', lines], { cwd: stack.dir });
  return stdout.split('\n').filter((line) => line !== '');
}

test('a shell completes commands, alternatives, files and flags', async () => {
  assert.deepEqual(new Set(await completions('palabrectl', '')), await commandNames());
  for (const [words, expected] of offered) assert.deepEqual(await completions('palabrectl', ...words), expected, words.join(' '));
});

/* What zsh offers behind each of these lines, a set for each: one that a
 * person types in, in a terminal, with `begin` in its .zshrc. */
async function zshOffers(t, begin, lines) {
  const dir = await mkdtemp(path.join(stack.dir, 'zsh-'));
  await writeFile(path.join(dir, '_palabrectl'), await completion('zsh'));
  await writeFile(path.join(dir, 'asked'), lines.join('\n'));
  await writeFile(path.join(dir, '.zshrc'), `${begin}
heard() {
  compadd() {
    local -a offers
    builtin compadd -A offers "$@"
    print -rl -- $offers >>$ZDOTDIR/heard
  }
  _main_complete
}
zle -C heard complete-word heard
ask() {
  for BUFFER in "\${(@f)$(<$ZDOTDIR/asked)}"; do
    CURSOR=$#BUFFER
    print -r -- ">$BUFFER" >>$ZDOTDIR/heard
    zle heard
  done
  print '>' >>$ZDOTDIR/heard
}
zle -N zle-line-init ask
`);
  terminal(t, stack.dir, `cd ${stack.dir}; ZDOTDIR=${dir} exec zsh -di`);
  const heard = await waitFor('all that zsh offers', async () => {
    const text = await readFile(path.join(dir, 'heard'), 'utf8').catch(() => '');
    return text.endsWith('>\n') && text;
  });
  return heard.split(/^>/m).slice(1, -1).map((answer) => new Set(answer.split('\n').slice(1).filter((line) => line !== '')));
}

const quoted = (word) => (word.includes(' ') ? `'${word}'` : word);

for (const [way, begin] of [
  ['from where it is installed', 'fpath=($ZDOTDIR $fpath); autoload -Uz compinit; compinit -u -D'],
  ['when it is read with source', 'autoload -Uz compinit; compinit -u -D; source $ZDOTDIR/_palabrectl'],
]) {
  test(`zsh completes the same ${way}`, async (t) => {
    const asked = [[[''], [...await commandNames()]], ...offered];
    const answers = await zshOffers(t, begin, asked.map(([words]) => ['palabrectl', ...words].map(quoted).join(' ')));
    assert.deepEqual(asked.map(([words], i) => [words, answers[i]]), asked.map(([words, expected]) => [words, new Set(expected)]));
  });
}

test('at every place zsh has the words and files of bash, and there is no third shell', async () => {
  const offers = (text) => [...text.matchAll(/^\t(' .*'\) )(?:.*-W '(.*)' --.*|compadd -- (.*) ;;|.*)$/gm)]
    .map(([, place, bash, zsh]) => [place, bash ?? zsh]);
  assert.deepEqual(offers(await completion('zsh')), offers(await completion('bash')));
  const fish = await call('ctl/palabrectl', 'completion', 'fish');
  assert.deepEqual([fish.code, fish.stdout, fish.stderr], [1, '', 'palabrectl: fish: a shell is bash or zsh\n']);
});

/* Its lines by their first word: {code, lines} */
async function status() {
  const { code, stdout, stderr } = await stack.ctl('status');
  assert.equal(stderr, '');
  return { code, lines: Object.fromEntries(stdout.trimEnd().split('\n').map((line) => [line.slice(0, 15).trim(), line.slice(15)])) };
}

/* Where palabre-pushd has no time for it at once one is told that all is not. */
const well = () => waitFor('all to be well', async () => {
  const said = await status();
  return said.code === 0 && said;
});

test('status says how everything is, and fails when a part is not well', async () => {
  const [ann, bob] = [await stack.newcomer('ann'), await stack.newcomer('bob')];
  const before_ = (await well()).lines;
  const socket = await ann.connect();
  for (let i = 0; i < 3; i += 1) {
    assert.equal((await ann.api('/api/messages', { body: { recipient_id: bob.id, content: 'x' } })).status, 201);
  }
  const { lines } = await well();
  assert.match(lines['palabre-api'], /^up (\d+ min|\d+ s), \d+ workers, of which 0 do not move and 0 are to leave$/);
  assert.equal(lines.replaced, '0 that died, 0 that did not move, 0 that did not leave');
  assert.match(lines['palabre-pushd'], /^up (\d+ min|\d+ s)$/);
  assert.equal(before_.connections, '0 WebSocket, 0 polling, 0 line; 0 users');
  assert.equal(lines.connections, '1 WebSocket, 0 polling, 0 line; 1 users');
  const total = (text) => Number(text.match(/(\d+) in all$/)[1]);
  assert.equal(total(lines.messages), total(before_.messages) + 3);
  assert.equal(lines.queues, '0 commands for workers, 0 bytes for clients');
  assert.match(lines.store, /^\d+\.\d MiB, its log \d+\.\d MiB, left on its disk [\d.]+ [MG]iB, for files [\d.]+ [MG]iB$/);
  assert.match(lines.writes, /^\d+ in the last minute, [\d.]+ ms each; the slowest of the hour [\d.]+ ms$/);
  const figures = await waitFor('all of them', async () => {
    const all = JSON.parse((await stack.ctl('status', '--json')).stdout);
    return all.push && all;
  });
  assert.equal(figures.push.websockets, 1);
  assert.match(lines['palabre-api'], new RegExp(`, ${figures.workers.running} workers,`));
  socket.disconnect();

  const nobody = await stack.ctl('--set', 'api_socket=/nowhere/api.sock', 'status');
  assert.deepEqual([nobody.code, nobody.stdout, nobody.stderr],
    [2, '', 'palabrectl: palabre-api at /nowhere/api.sock: No such file or directory\n']);
  process.kill(stack.pid('palabre-pushd'), 'SIGSTOP');
  const hung = await status().finally(() => process.kill(stack.pid('palabre-pushd'), 'SIGCONT'));
  assert.deepEqual([hung.code, hung.lines['palabre-pushd']], [1, 'does not answer']);
});
