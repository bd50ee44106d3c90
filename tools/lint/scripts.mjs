// ShellCheck over every shell script, ESLint over the page, tests and tools.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesOf, textOf } from './files.mjs';
import { cache, program, run } from './programs.mjs';

const own = (name) => fileURLToPath(new URL(name, import.meta.url));
/* Of the top, what autoconf made is not ours. */
const isShell = (tree, file) => !/^(configure|config\.status|libtool)/.test(file)
  && (file.endsWith('.sh') || /^#!.*\b(ba|da)?sh\b/.test(textOf(tree, file).slice(0, 60)));

export async function shellcheck(tree) {
  const scripts = filesOf(tree).filter((file) => isShell(tree, file));
  if (scripts.length === 0) return [];
  const { code, output, errors } = await run(await program('shellcheck'), ['-x', '-f', 'gcc', ...scripts], { cwd: tree });
  if (code > 1) return [`shellcheck failed: ${errors.trim()}`];
  return output.trim().split('\n').filter(Boolean);
}

export async function eslint(tree) {
  const folders = ['html', 'tests', 'bench', 'tools'].filter((name) => existsSync(path.join(tree, name)));
  const { output, errors } = await run(process.execPath, [own('node_modules/eslint/bin/eslint.js'),
    '--config', own('eslint.config.mjs'), '--format', 'json', '--no-error-on-unmatched-pattern',
    '--cache', '--cache-strategy', 'content', '--cache-location', path.join(cache, 'eslint'), ...folders], { cwd: tree });
  if (!output.startsWith('[')) return [`eslint failed: ${errors.trim()}`];
  return JSON.parse(output).flatMap(({ filePath, messages }) => messages.map(({ line, message, ruleId }) =>
    `${path.relative(tree, filePath)}:${line}: ${message} [${ruleId}]`));
}
