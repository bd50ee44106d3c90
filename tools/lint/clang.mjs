// clang-format and clang-tidy over all C of a tree.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesOf, textOf } from './files.mjs';
import { cache, program, run } from './programs.mjs';

const KEEP_DAYS = 30; // a result that no run asked for
const fragment = fileURLToPath(new URL('flags.mk', import.meta.url));
const isC = (file) => /\.[ch]$/.test(file);

export async function format(tree) {
  const files = filesOf(tree).filter(isC);
  const { errors } = await run(await program('clang-format'), ['--dry-run', '--Werror', ...files], { cwd: tree });
  const places = [...errors.matchAll(/^(.+?):(\d+):\d+: error: code should be/gm)];
  const first = new Map(places.reverse().map(([, file, line]) => [file, line]));
  return [...first].map(([file, line]) => `${file}:${line}: not as .clang-format has it (clang-format -i)`).reverse();
}

/* A shell's words, as make prints them: quotes are escaped by backslashes. */
const wordsOf = (text) => [...text.matchAll(/(?:\\.|"(?:\\.|[^"])*"|'[^']*'|[^\s])+/g)].map(([word]) =>
  word.replace(/'([^']*)'|\\(.)/g, (_, quoted, escaped) => quoted ?? escaped));

/* The folder of the build whose Makefile compiles what is in this one. */
function makefileFolder(build, folder) {
  if (existsSync(path.join(build, folder, 'Makefile'))) return folder;
  return folder === '.' ? undefined : makefileFolder(build, path.dirname(folder));
}

/* C file -> {folder, flags} of its first target, folder: where it is compiled. */
async function readFlags(tree, build) {
  const compiled = new Map();
  const sources = filesOf(tree).filter((file) => file.endsWith('.c'));
  const folders = new Set(sources.map((file) => makefileFolder(build, path.dirname(file))));
  folders.delete(undefined);
  for (const folder of folders) {
    const { output } = await run('make', ['-s', '--no-print-directory', '-f', 'Makefile', '-f', fragment, 'lint-flags'],
      { cwd: path.join(build, folder) });
    for (const [, names, flags] of output.matchAll(/^sources: (.*?) *flags: (.*)$/gm)) {
      for (const name of names.split(/\s+/).filter(Boolean)) {
        const file = path.join(folder, name);
        if (!compiled.has(file)) {
          compiled.set(file, {
            folder: path.join(build, folder),
            flags: wordsOf(flags.replaceAll('-isystem ', '-isystem')).filter((flag) => /^-([DI]|isystem|std)/.test(flag) && !/FORTIFY/.test(flag)),
          });
        }
      }
    }
  }
  return { sources, compiled };
}

const digest = (...texts) => texts.reduce((hash, text) => hash.update(text).update('\0'), createHash('sha256')).digest('hex');

/* What clang-tidy is told besides the text that the compiler sees. */
async function readSettings(tree, clangTidy) {
  const { output } = await run(clangTidy, ['--version']);
  const silenced = filesOf(tree).filter(isC)
    .flatMap((file) => textOf(tree, file).split('\n').filter((line) => line.includes('NOLINT')));
  return digest(output, textOf(tree, '.clang-tidy'), textOf(path.dirname(fragment), 'clang.mjs'), silenced.join('\n'));
}

/* The file that stands for "nothing was found" in this text with these settings,
 * wherever the tree lies. */
async function resultOf({ tree, settings }, file, { folder, flags }) {
  const { output } = await run('gcc', ['-E', '-P', '-dD', ...flags, path.join(tree, file)], { cwd: folder });
  const text = (some) => some.replaceAll(tree, '.');
  return path.join(cache, 'tidy', digest(settings, file, text(flags.join(' ')), text(output)));
}

/* misc-include-cleaner also names what a file should include by itself: here a
 * header gives what it brings along. */
const counts = (finding) => !finding.includes('no header providing');

async function tidyFile(context, file, how) {
  const result = await resultOf(context, file, how);
  if (existsSync(result)) {
    utimesSync(result, new Date(), new Date());
    return [];
  }
  const { code, output, errors } = await run(context.clangTidy,
    ['--quiet', path.join(context.tree, file), '--', ...how.flags], { cwd: how.folder });
  const found = [...output.matchAll(/^(.+?:\d+):\d+: (?:warning|error|fatal error): (.*)$/gm)]
    .map(([, place, words]) => `${path.relative(context.tree, path.resolve(how.folder, place))}: ${words}`)
    .filter(counts);
  if (code !== 0 && found.length === 0) found.push(`${file}: clang-tidy failed: ${(errors || output).trim()}`);
  if (found.length === 0) writeFileSync(result, '');
  return found;
}

function forgetOld() {
  const folder = path.join(cache, 'tidy');
  const oldest = Date.now() - KEEP_DAYS * 86400000;
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    if (statSync(file, { throwIfNoEntry: false })?.mtimeMs < oldest) unlinkSync(file);
  }
}

/* work(item) for all, as many at once as there are cores. */
async function spread(items, work) {
  const waiting = [...items];
  const results = [];
  await Promise.all(cpus().map(async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      results.push(...await work(item));
    }
  }));
  return results;
}

export async function tidy(tree, build) {
  const { sources, compiled } = await readFlags(tree, build);
  const clangTidy = await program('clang-tidy');
  const context = { tree, clangTidy, settings: await readSettings(tree, clangTidy) };
  mkdirSync(path.join(cache, 'tidy'), { recursive: true });
  const orphans = sources.filter((file) => !compiled.has(file)).map((file) => `${file}: no Makefile.am compiles it`);
  const found = await spread(sources.filter((file) => compiled.has(file)),
    (file) => tidyFile(context, file, compiled.get(file)));
  forgetOld();
  return [...orphans, ...new Set(found)].sort();
}
