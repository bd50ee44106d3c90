// Who includes whom: the rooms of rooms.mk, circles among the files of one
// folder, and the system headers that stay in their rooms.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { filesOf, includesOf, textOf } from './files.mjs';

const programs = ['fcgi-app', 'push-daemon'];

/* Folders that are no rooms: the variables of rooms.mk that say what each may
 * include. */
const others = {
  shared: ['shared_path'],
  'fcgi-app': ['api_path'],
  'push-daemon': ['edges_path'],
  ctl: ['shared_path'],
  bench: ['sio_path', 'api_path'],
  preview: ['shared_path'],
  tests: ['sio_path', 'sqlite_path'],
  'tests/contract': ['api_path', 'sqlite_path'],
  'tests/fuzz': ['api_path', 'edges_path'],
  'tests/unit/fcgi-app': ['api_path', 'sqlite_path'],
  'tests/unit/preview': ['shared_path'],
  'tests/unit/push-daemon': ['edges_path'],
  'tests/unit/shared': ['shared_path'],
  'tests/unit/sio': ['sio_path'],
};

/* What these include besides. */
const besides = {
  bench: ['tests/contract'],
  'tests/fuzz': ['tests/unit/sio'],
  'tests/unit/preview': ['preview'],
};

const isC = (file) => /\.[ch]$/.test(file);
const programOf = (folder) => programs.find((name) => `${folder}/`.startsWith(`${name}/`));

/* The variables of rooms.mk: name -> text. */
function readVariables(tree) {
  const text = textOf(tree, 'rooms.mk').replace(/\\\n/g, ' ');
  return new Map([...text.matchAll(/^(\w+)\s*=\s*(.*)$/gm)].map((match) => [match[1], match[2]]));
}

function expand(variables, text, depth = 0) {
  if (depth > 50) throw new Error('rooms.mk: a variable names itself');
  return text.replace(/\$\((\w+)\)/g, (whole, name) =>
    (name === 'top_srcdir' ? '' : expand(variables, variables.get(name) ?? '', depth + 1)));
}

/* The folders of an include path, in its order. */
const foldersOf = (variables, name) =>
  [...expand(variables, `$(${name})`).matchAll(/-I\/(\S+)/g)].map((match) => match[1]);

/* rows: folder -> the folders it may include, itself first. A room's row is the
 * variable ROOM_path that begins with the room itself. */
function readRows(tree, folders, findings) {
  const variables = readVariables(tree);
  const rows = new Map();
  for (const folder of folders) {
    const names = others[folder] ?? [...variables.keys()].filter((name) =>
      new RegExp(`(^|_)${path.basename(folder)}_path$`).test(name)
        && foldersOf(variables, name)[0] === folder);
    if (names.length === 0 && !others[folder]) findings.push(`${folder}: no row in rooms.mk says what this folder may include`);
    else rows.set(folder, [...new Set([folder, ...names.flatMap((name) => foldersOf(variables, name)), ...(besides[folder] ?? [])])]);
  }
  return rows;
}

/* Rows that would let a circle of folders build, or one program include the
 * other. */
function judgeRows(rows, findings) {
  for (const [folder, row] of rows) {
    if (!programOf(folder)) continue;
    for (const other of row) {
      if (programOf(other) && programOf(other) !== programOf(folder)) {
        findings.push(`rooms.mk: ${folder} may include ${other}, of the other program`);
      }
      if (other > folder && rows.get(other)?.includes(folder)) {
        findings.push(`rooms.mk: ${folder} and ${other} may include each other`);
      }
    }
  }
}

/* The folder that an include is found in, as the compiler looks for it. */
function findHeader(tree, folder, row, name) {
  const found = row.find((place) => existsSync(path.join(tree, place, name)));
  if (found === undefined) return undefined;
  return path.dirname(path.join(found, name));
}

function judgeInclude(tree, file, include, rows, homes, findings) {
  const folder = path.dirname(file);
  const row = rows.get(folder);
  const home = findHeader(tree, folder, row, include.name)
    ?? (include.own || !include.name.includes('/') ? homes.get(path.basename(include.name))?.[0] : undefined);
  if (home === undefined) return undefined; // the system's, or made by the build
  if (!row.includes(home)) {
    findings.push(`${file}:${include.line}: ${include.name} is of ${home}, which ${folder} may not include (rooms.mk)`);
  }
  return programOf(home);
}

/* Includes against the rows. */
export function rooms(tree) {
  const findings = [];
  const files = filesOf(tree).filter(isC);
  const rows = readRows(tree, new Set(files.map((file) => path.dirname(file))), findings);
  const homes = new Map();
  for (const file of files.filter((name) => name.endsWith('.h'))) {
    homes.set(path.basename(file), [...(homes.get(path.basename(file)) ?? []), path.dirname(file)]);
  }
  judgeRows(rows, findings);
  for (const file of files.filter((name) => rows.has(path.dirname(name)))) {
    const met = new Set([programOf(file)]);
    for (const include of includesOf(tree, file)) {
      met.add(judgeInclude(tree, file, include, rows, homes, findings));
    }
    met.delete(undefined);
    if (met.size > 1) findings.push(`${file}: includes headers of both programs`);
  }
  return findings;
}

/* A module is X.c with X.h; a header without a .c of its own that begins with
 * X's, as X_in.h on top of X.h, is part of X. */
function moduleOf(tree, file, known) {
  const whole = file.slice(0, -2);
  if (known.has(`${whole}.c`)) return whole;
  const below = includesOf(tree, file).map(({ name }) => path.join(path.dirname(file), name.slice(0, -2)))
    .filter((name) => whole.startsWith(`${name}_`) && known.has(`${name}.c`));
  return below[0] ?? whole;
}

/* C file -> its module. */
function readModuleNames(tree, files) {
  const known = new Set(files);
  return new Map(files.map((file) => [file, moduleOf(tree, file, known)]));
}

/* Module -> the modules of its folder that it includes. */
function readUses(tree, modules) {
  const uses = new Map([...modules.values()].map((name) => [name, new Set()]));
  for (const [file, from] of modules) {
    for (const { name } of includesOf(tree, file)) {
      const to = modules.get(path.join(path.dirname(file), name));
      if (to !== undefined && to !== from) uses.get(from).add(to);
    }
  }
  return uses;
}

/* The strongly connected components of more than one (Tarjan). */
function circlesOf(uses) {
  const found = [];
  const order = new Map();
  const low = new Map();
  const stack = [];
  function visit(name) {
    order.set(name, order.size);
    low.set(name, order.get(name));
    stack.push(name);
    for (const next of uses.get(name)) {
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) low.set(name, Math.min(low.get(name), low.get(next)));
    }
    if (low.get(name) !== order.get(name)) return;
    const circle = stack.splice(stack.indexOf(name));
    if (circle.length > 1) found.push(circle.sort());
  }
  for (const name of uses.keys()) if (!order.has(name)) visit(name);
  return found;
}

/* What the comments "A circle with NAME, NAME and NAME: why" name: {file, name,
 * other}, name: of the file's own module. */
function readSentences(tree, modules) {
  return [...modules].flatMap(([file, name]) => {
    const text = textOf(tree, file).replace(/\s*\n\s*(\*|\/\/)?\s*/g, ' ');
    return [...text.matchAll(/A circle with ([\w, ]+): *\w/g)].flatMap(([, names]) =>
      names.split(/, *| and /).map((other) => ({ file, name, other: path.join(path.dirname(name), other) })));
  });
}

/* Files of one folder that include each other and do not say why, or say so and
 * do not. */
export function circles(tree) {
  const modules = readModuleNames(tree, filesOf(tree).filter(isC));
  const sentences = readSentences(tree, modules);
  const found = circlesOf(readUses(tree, modules));
  const silent = found.filter((circle) => {
    const said = sentences.filter(({ name }) => circle.includes(name));
    return circle.some((module) => !said.some(({ name, other }) => name === module || other === module));
  }).map((circle) => {
    const [first, ...rest] = circle.map((name) => path.basename(name));
    return `${path.dirname(circle[0])}: ${[first, ...rest].join(', ')} include each other, and no comment "A circle with ${
      rest.join(', ')}: ..." in ${first} says why`;
  });
  const stale = sentences.filter(({ name, other }) =>
    !found.some((circle) => circle.includes(name) && circle.includes(other)))
    .map(({ file, other }) => `${file}: there is no circle with ${path.basename(other)} any more`);
  return [...silent, ...stale];
}

/* System headers, which the compiler finds from everywhere: in which folders or
 * files they stay, or that one file alone includes them. Tests, and what only
 * measures, may name all of them. */
const kept = [
  { header: /^sqlite3/, at: /^fcgi-app\/store\/sqlite\// },
  { header: /^(mongoc|bson)/, at: /^fcgi-app\/store\/mongo\// },
  { header: /^libwebsockets/, at: /^push-daemon\/(edges\/|sio\/sio_edge)/ },
  { header: /^uv\.h/, at: /^push-daemon\// },
  { header: /^cmocka/, at: /^$/ },
  { header: /^jwt/ },
  { header: /^openssl/ },
  { header: /^sodium/ },
  { header: /^fcgi/ },
  { header: /^json-c\// },
  { header: /^utf8proc/, at: /^shared\/text/ },
  { header: /^hiredis/ },
  { header: /^magic/ },
];

/* {file, line, name} of every include of these outside tests. */
function systemIncludes(tree) {
  return filesOf(tree).filter((file) => isC(file) && !/^(tests|bench)\//.test(file))
    .flatMap((file) => includesOf(tree, file).filter(({ own }) => !own)
      .map(({ line, name }) => ({ file, line, name })));
}

export function headers(tree) {
  const includes = systemIncludes(tree);
  return kept.flatMap(({ header, at }) => {
    const those = includes.filter(({ name }) => header.test(name));
    if (at) {
      return those.filter(({ file }) => !at.test(file))
        .map(({ file, line, name }) => `${file}:${line}: <${name}> is included outside its room`);
    }
    const files = [...new Set(those.map(({ file }) => file))];
    return files.length < 2 ? [] : [`${files.join(', ')}: more than one file includes <${those[0].name}>`];
  });
}
