// Every rule, in a small tree that breaks it, and then does not.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const own = (name) => fileURLToPath(new URL(name, import.meta.url));
const top = own('../..');

const ROOMS = `shared_path = -I$(top_srcdir)/shared
api = $(top_srcdir)/fcgi-app
http_path = -I$(api)/http $(shared_path)
view_path = -I$(api)/view \\
	$(http_path)
sio_path = -I$(top_srcdir)/push-daemon/sio $(shared_path)
`;

/* A tree with these files, {path: text}, until the test ends. */
function plant(t, files) {
  const dir = mkdtempSync(path.join(tmpdir(), 'palabre-lint-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const tree = {
    put(more) {
      for (const [name, text] of Object.entries(more)) {
        mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
        writeFileSync(path.join(dir, name), text);
      }
    },
    /* What the rule finds in it, a line each. */
    async lint(rule) {
      const { stdout } = await promisify(execFile)(process.execPath, [own('lint.mjs'), '--tree', dir, rule])
        .catch((error) => error);
      const lines = stdout.trim().split('\n');
      const verdict = lines.pop();
      assert.match(verdict, lines.length > 0 ? /^not ok 1/ : /^ok 1/);
      return lines;
    },
  };
  for (const name of ['.clang-format', '.clang-tidy', '.shellcheckrc']) {
    copyFileSync(path.join(top, name), path.join(dir, name));
  }
  tree.put({ 'rooms.mk': ROOMS, ...files });
  return tree;
}

test('a folder includes what its row lets it, by whatever path', async (t) => {
  const tree = plant(t, {
    'shared/buf.h': '', 'fcgi-app/http/http.h': '#include "buf.h"\n', 'fcgi-app/view/view.h': '#include <stdio.h>\n#include "http.h"\n',
  });
  assert.deepEqual(await tree.lint('rooms'), []);
  tree.put({ 'fcgi-app/http/http.h': '#include "view.h"\n', 'shared/buf.h': '\n#include "../fcgi-app/http/http.h"\n' });
  assert.deepEqual(await tree.lint('rooms'), [
    'fcgi-app/http/http.h:1: view.h is of fcgi-app/view, which fcgi-app/http may not include (rooms.mk)',
    'shared/buf.h:2: ../fcgi-app/http/http.h is of fcgi-app/http, which shared may not include (rooms.mk)',
  ]);
});

test('a folder without a row is named', async (t) => {
  const tree = plant(t, { 'fcgi-app/pin/pin.c': '' });
  assert.deepEqual(await tree.lint('rooms'), ['fcgi-app/pin: no row in rooms.mk says what this folder may include']);
});

test('no program includes the other, and no file both', async (t) => {
  const tree = plant(t, {
    'push-daemon/sio/sio.h': '', 'fcgi-app/http/http.h': '#include "sio.h"\n',
    'tests/fuzz/fuzz.c': '#include "http.h"\n#include "../../push-daemon/sio/sio.h"\n',
    'rooms.mk': `${ROOMS.replace('$(api)/http', '$(api)/http -I$(top_srcdir)/push-daemon/sio')}api_path = $(view_path)\n`,
  });
  assert.deepEqual(await tree.lint('rooms'), [
    'rooms.mk: fcgi-app/http may include push-daemon/sio, of the other program',
    'fcgi-app/http/http.h: includes headers of both programs',
    'tests/fuzz/fuzz.c: includes headers of both programs',
  ]);
});

test('no two folders may include each other', async (t) => {
  const tree = plant(t, {
    'fcgi-app/http/http.h': '', 'fcgi-app/view/view.h': '',
    'rooms.mk': ROOMS.replace('$(api)/http', '$(api)/http -I$(api)/view'),
  });
  assert.deepEqual(await tree.lint('rooms'), ['rooms.mk: fcgi-app/http and fcgi-app/view may include each other']);
});

test('files that include each other say why, each by name', async (t) => {
  const tree = plant(t, {
    'shared/log.h': '', 'shared/log.c': '#include "log.h"\n#include "map.h"\n',
    'shared/map.h': '', 'shared/map.c': '#include "log.h"\n#include "map.h"\n',
    'shared/map_in.h': '#include "map.h"\n', 'shared/text.h': '#include "log.h"\n',
  });
  const silence = 'shared: log, map include each other, and no comment "A circle with map: ..." in log says why';
  assert.deepEqual(await tree.lint('circles'), [silence]);
  tree.put({ 'shared/log.h': '/* A circle with text: it is none. */\n' });
  assert.deepEqual(await tree.lint('circles'), [silence, 'shared/log.h: there is no circle with text any more']);
  tree.put({ 'shared/log.h': '/* Lines.\n * A circle with\n * map: it logs what it drops. */\n' });
  assert.deepEqual(await tree.lint('circles'), []);
  tree.put({ 'shared/map.c': '#include "log.h"\n#include "map.h"\n#include "map_in.h"\n' }); // itself
  assert.deepEqual(await tree.lint('circles'), []);
});

test('system headers stay in their rooms, bar in tests', async (t) => {
  const tree = plant(t, {
    'fcgi-app/store/sqlite/db.h': '#include <sqlite3.h>\n', 'tests/contract/c.c': '#include <sqlite3.h>\n',
    'fcgi-app/identity/token.c': '#include <jwt.h>\n',
  });
  assert.deepEqual(await tree.lint('headers'), []);
  tree.put({
    'fcgi-app/http/http.c': '#include <sqlite3.h>\n', 'fcgi-app/identity/auth.c': '#include <jwt.h>\n',
    'push-daemon/hub/hub.c': '#include <libwebsockets.h>\n',
  });
  assert.deepEqual(await tree.lint('headers'), [
    'fcgi-app/http/http.c:1: <sqlite3.h> is included outside its room',
    'push-daemon/hub/hub.c:1: <libwebsockets.h> is included outside its room',
    'fcgi-app/identity/auth.c, fcgi-app/identity/token.c: more than one file includes <jwt.h>',
  ]);
});

test('C is as clang-format has it', async (t) => {
  const tree = plant(t, { 'shared/a.c': 'int a;\n', 'shared/b.c': 'int b;\nint  c;\nint  d;\n' });
  assert.deepEqual(await tree.lint('format'), ['shared/b.c:2: not as .clang-format has it (clang-format -i)']);
});

test('shell scripts are checked, whatever their name', async (t) => {
  const tree = plant(t, { 'tools/go': '#!/usr/bin/env bash\nrm -- $1\n', 'tools/go.txt': 'rm -- $1\n' });
  assert.deepEqual(await tree.lint('shellcheck'),
    ['tools/go:2:7: note: Double quote to prevent globbing and word splitting. [SC2086]']);
});

test('scripts and components are checked', async (t) => {
  const tree = plant(t, {
    'html/src/Own.vue': '<script setup>\nconst a = document.title;\n</script>\n<template><p v-html="a" /></template>\n',
    'tests/a.test.mjs': 'const here = process.pid;\n',
  });
  assert.deepEqual(await tree.lint('eslint'), [
    "html/src/Own.vue:4: 'v-html' directive can lead to XSS attack. [vue/no-v-html]",
    "tests/a.test.mjs:1: 'here' is assigned a value but never used. [no-unused-vars]",
  ]);
});

test('clang-tidy reads anew what the compiler would see changed', async (t) => {
  const judge = (words) => `static inline int judge(int a)\n{\n\treturn ${words};\n}\n`;
  const tree = plant(t, {
    'shared/judge.h': judge('a == 1'), 'elsewhere/some/library.h': '', 'shared/judge.c': '#include <some/library.h>\n\n#include "judge.h"\n\nconst char *word(void)\n{\n\treturn judge(1) ? WORD : 0;\n}\n',
    // As automake writes it.
    'build/shared/Makefile': 'libshared_a_SOURCES = judge.c judge.h\nlibshared_a_OBJECTS = judge.o\n'
      + 'DEFS = -DWORD=\\"two\\ words\\"\nAM_CPPFLAGS = -I../../shared -isystem ../../elsewhere\nAM_CFLAGS = -std=gnu17 -Wall\n',
  });
  assert.deepEqual(await tree.lint('tidy'), []);
  tree.put({ 'shared/judge.h': judge('a == a') });
  assert.deepEqual(await tree.lint('tidy'),
    ['shared/judge.h:3: both sides of operator are equivalent [misc-redundant-expression]']);
  tree.put({ 'shared/judge.h': judge('a == 1'), 'shared/lost.c': 'int lost;\n' });
  assert.deepEqual(await tree.lint('tidy'), ['shared/lost.c: no Makefile.am compiles it']);
});
