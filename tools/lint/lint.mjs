#!/usr/bin/env node
// What of the tree's order a program can judge. Prints TAP: a test a rule, and
// before one that fails what it found.
//   node tools/lint/lint.mjs [--tree DIR] [--build DIR] [RULE...]
// DIR is built (clang-tidy takes the flags from the Makefiles there).
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { format, tidy } from './clang.mjs';
import { circles, headers, rooms } from './rooms.mjs';
import { eslint, shellcheck } from './scripts.mjs';

const rules = {
  rooms: ['a folder includes what rooms.mk lets it', rooms],
  circles: ['files of a folder do not include each other, or say why', circles],
  headers: ['system headers stay in their rooms', headers],
  format: ['C is as clang-format has it', format],
  shellcheck: ['shellcheck finds nothing in the scripts', shellcheck],
  eslint: ['ESLint finds nothing in the page, the tests and the tools', eslint],
  tidy: ['clang-tidy finds nothing in the C', tidy],
};

const { values, positionals } = parseArgs({
  options: { tree: { type: 'string' }, build: { type: 'string' } }, allowPositionals: true,
});
const tree = path.resolve(values.tree ?? fileURLToPath(new URL('../..', import.meta.url)));
const build = path.resolve(values.build ?? path.join(tree, 'build'));
const chosen = positionals.length > 0 ? positionals : Object.keys(rules);

for (const [i, name] of chosen.entries()) {
  const [sentence, rule] = rules[name];
  const began = Date.now();
  const findings = await rule(tree, build);
  if (findings.length > 0) process.exitCode = 1;
  for (const finding of findings) console.log(finding);
  console.log(`${findings.length > 0 ? 'not ok' : 'ok'} ${i + 1} - ${name}: ${sentence} # ${Date.now() - began} ms`);
}
