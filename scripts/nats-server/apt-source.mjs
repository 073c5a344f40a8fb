import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * An apt source in one of apt's two formats. The file extension tells apt which.
 * @typedef {{ fileName: 'archive.sources' | 'archive.list', text: string }} AptSource
 */

/**
 * Finds the machine's own source of the Debian archive and rewrites it to offer `suite`. Mirror,
 * keys and options stay those of the machine, so a company mirror keeps working.
 * @param {string} aptDir
 * @param {string} suite
 * @returns {Promise<AptSource | undefined>}
 */
export async function findAptSource(aptDir, suite) {
  for (const file of await sourceFiles(aptDir)) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const source = file.endsWith('.sources') ? deb822Source(text, suite) : oneLineSource(text, suite);
    if (source !== undefined) return source;
  }
  return undefined;
}

/** Debian's own files come first: sources of other vendors may have a component `main`, too. */
async function sourceFiles(aptDir) {
  const folder = join(aptDir, 'sources.list.d');
  const own = [join(folder, 'debian.sources'), join(aptDir, 'sources.list')];
  const names = await readdir(folder).catch(() => []);
  const others = names
    .filter((name) => /\.(sources|list)$/.test(name))
    .toSorted((a, b) => a.localeCompare(b))
    .map((name) => join(folder, name));
  return [...own, ...others.filter((file) => !own.includes(file))];
}

/**
 * Reads stanzas of `Key: value` lines, whose values continue in indented lines.
 * @returns {AptSource | undefined}
 */
function deb822Source(text, suite) {
  const withoutComments = text.replace(/^#.*\n?/gm, '');
  for (const stanza of withoutComments.split(/\n\s*\n/)) {
    const fields = new Map(stanza.split(/\n(?=\S)/).map((field) => splitField(field)));
    const value = (key) => (fields.get(key) ?? '').split(/\s+/);
    const offers = value('types').includes('deb') && value('components').includes('main');
    const security = value('suites').some((name) => name.includes('-security'));
    if (!offers || security || fields.get('enabled')?.trim() === 'no') continue;
    const changed = new Map([...fields, ['types', ' deb'], ['suites', ` ${suite}`], ['components', ' main']]);
    const lines = [...changed].map(([key, content]) => `${key}:${content.trimEnd()}\n`);
    return { fileName: 'archive.sources', text: lines.join('') };
  }
  return undefined;
}

function splitField(field) {
  const colon = field.indexOf(':');
  return [field.slice(0, colon).trim().toLowerCase(), field.slice(colon + 1)];
}

/**
 * Reads lines of the form `deb [options] uri suite component...`.
 * @returns {AptSource | undefined}
 */
function oneLineSource(text, suite) {
  for (const line of text.split('\n')) {
    const [, options = '', uri, name = '', components = ''] =
      /^\s*deb\s+(\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line) ?? [];
    if (uri === undefined || name.includes('-security') || !components.split(/\s+/).includes('main')) continue;
    return { fileName: 'archive.list', text: `deb ${options}${uri} ${suite} main\n` };
  }
  return undefined;
}
