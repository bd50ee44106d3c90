// The files of a tree, with what is made or installed left out.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const made = /^(node_modules|dist|var|autom4te\.cache|__pycache__|build.*|\.git)$/;

function walk(tree, folder, found) {
  for (const entry of readdirSync(path.join(tree, folder), { withFileTypes: true })) {
    const name = path.join(folder, entry.name);
    if (made.test(entry.name)) continue;
    if (entry.isDirectory()) walk(tree, name, found);
    else if (entry.isFile()) found.push(name);
  }
  return found;
}

/* Paths from the tree's top, in order. */
export const filesOf = (tree) => walk(tree, '', []).sort();

export const textOf = (tree, file) => readFileSync(path.join(tree, file), 'utf8');

/* The includes of a C file: {line, name, own}, own: in quotes. */
export function includesOf(tree, file) {
  return textOf(tree, file).split('\n').flatMap((text, i) => {
    const match = /^\s*#\s*include\s+(["<])([^">]+)[">]/.exec(text);
    return match ? [{ line: i + 1, name: match[2], own: match[1] === '"' }] : [];
  });
}
