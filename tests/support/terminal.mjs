// Programs as people meet them: in a real terminal (tmux), or with pipes.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/* A terminal of 60 columns in which the shell runs this command, with a server
 * of tmux of its own, whose socket is in dir. */
export function terminal(t, dir, command) {
  const socket = join(dir, `tmux-${Math.random().toString(36).slice(2)}`);
  const tmux = (...args) => execFileSync('tmux', ['-S', socket, ...args], { encoding: 'utf8', env: { ...process.env, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' } });
  tmux('-f', '/dev/null', 'new-session', '-d', '-x', '60', '-y', '20', command);
  t.after(() => {
    try {
      tmux('kill-server');
    } catch {
      // it went with its last program
    }
  });
  return {
    type: (...keys) => tmux('send-keys', ...keys),
    lines: () => tmux('capture-pane', '-p').split('\n').map((line) => line.trimEnd()).filter(Boolean),
  };
}

/* {child, out, err, ended}; ended: its status */
export function startProgram(program, args, env = {}) {
  const child = spawn(program, args, { env: { ...process.env, ...env } });
  const run = { child, out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (run.out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (run.err += text));
  child.stdin.on('error', () => {});
  run.ended = once(child, 'close').then(([code]) => code);
  return run;
}
