import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** An apt source in one of apt's two formats; the file's ending tells apt which. */
export interface AptSource {
  readonly fileName: 'archive.sources' | 'archive.list';
  readonly text: string;
}

/**
 * The machine's own source of the distribution's archive, made to offer `suite`. Its mirror, keys
 * and options are the machine's, so no host is named here and a company's mirror keeps working.
 */
export async function findAptSource(aptDir: string, suite: string): Promise<AptSource | undefined> {
  for (const file of await sourceFiles(aptDir)) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const source = file.endsWith('.sources') ? deb822Source(text, suite) : oneLineSource(text, suite);
    if (source !== undefined) return source;
  }
  return undefined;
}

/**
 * The distribution's own files first: other vendors' sources may call themselves `main` as well.
 */
async function sourceFiles(aptDir: string): Promise<string[]> {
  const folder = join(aptDir, 'sources.list.d');
  const own = [join(folder, 'debian.sources'), join(aptDir, 'sources.list')];
  const names = await readdir(folder).catch(() => []);
  const others = names
    .filter((name) => /\.(sources|list)$/.test(name))
    .toSorted((a, b) => a.localeCompare(b))
    .map((name) => join(folder, name));
  return [...own, ...others.filter((file) => !own.includes(file))];
}

/** A stanza of `Key: value` lines, whose values go on in indented lines. */
export function deb822Source(text: string, suite: string): AptSource | undefined {
  const withoutComments = text.replace(/^#.*\n?/gm, '');
  for (const stanza of withoutComments.split(/\n\s*\n/)) {
    const fields = new Map(stanza.split(/\n(?=\S)/).map((field) => splitField(field)));
    const value = (key: string): string[] => (fields.get(key) ?? '').split(/\s+/);
    const offers = value('types').includes('deb') && value('components').includes('main');
    const security = value('suites').some((name) => name.includes('-security'));
    if (!offers || security || fields.get('enabled')?.trim() === 'no') continue;
    const changed = new Map([...fields, ['types', ' deb'], ['suites', ` ${suite}`], ['components', ' main']]);
    const lines = [...changed].map(([key, content]) => `${key}:${content.trimEnd()}\n`);
    return { fileName: 'archive.sources', text: lines.join('') };
  }
  return undefined;
}

function splitField(field: string): [string, string] {
  const colon = field.indexOf(':');
  return [field.slice(0, colon).trim().toLowerCase(), field.slice(colon + 1)];
}

/** A line `deb [options] uri suite component…`. */
export function oneLineSource(text: string, suite: string): AptSource | undefined {
  for (const line of text.split('\n')) {
    const [, options = '', uri, name = '', components = ''] =
      /^\s*deb\s+(\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line) ?? [];
    if (uri === undefined || name.includes('-security') || !components.split(/\s+/).includes('main')) continue;
    return { fileName: 'archive.list', text: `deb ${options}${uri} ${suite} main\n` };
  }
  return undefined;
}
