/*
 * For Vite: writes sw.js, with what the messenger cannot do without in front of
 * it: the page, its scripts and styles and those it fetches at once, and what is
 * named by address. What is fetched when somebody asks for it is none of it.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('sw.js', import.meta.url));
const read = (name) => readFileSync(new URL(`public/${name}`, import.meta.url));
const NAMED = ['theme.js', 'favicon.svg', 'manifest.webmanifest'];

/* With all that they import. */
function withImports(bundle, names, found = new Set()) {
  for (const name of names) {
    if (found.has(name) || !bundle[name]) continue;
    found.add(name);
    withImports(bundle, bundle[name].imports, found);
  }
  return found;
}

/* -> names of files, the scripts first. */
export function filesOf(bundle, page) {
  const [entry] = Object.values(bundle).filter(({ isEntry, facadeModuleId }) =>
    isEntry && facadeModuleId.endsWith(`/${page}`));
  const first = withImports(bundle, [entry.fileName]);
  const parts = [...first].flatMap((name) => bundle[name].dynamicImports);
  const scripts = [...withImports(bundle, parts, first)];
  const styles = scripts.flatMap((name) => [...bundle[name].viteMetadata.importedCss]);
  const assets = scripts.flatMap((name) => [...bundle[name].viteMetadata.importedAssets]);
  return [...new Set([...scripts, ...styles, ...assets])];
}

export function workerPlugin() {
  return {
    name: 'palabre-worker',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const files = ['./', ...NAMED, ...filesOf(bundle, 'index.html')];
        const hash = createHash('sha256');
        const code = readFileSync(source, 'utf8');
        for (const part of [code, files.join(), bundle['index.html'].source, ...NAMED.map(read)]) hash.update(part);
        const version = hash.digest('hex').slice(0, 12);
        this.emitFile({
          type: 'asset',
          fileName: 'sw.js',
          source: `const FILES = ${JSON.stringify(files)};\nconst VERSION = '${version}';\n\n${code}`,
        });
      },
    },
  };
}
