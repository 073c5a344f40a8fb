import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { anchorsOf, linksOf, type Link } from './support/markdown';
import { pages, readPage, ROOT } from './support/pages';

/** Describes a broken link. Returns undefined for a working one. */
function problemOf(page: string, { line, target }: Link): string | undefined {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? join(ROOT, page) : join(ROOT, dirname(page), path);
  const at = `${page}:${line}: ${target}`;
  if (!existsSync(file)) return `${at} does not exist`;
  if (relative(ROOT, file).startsWith('..')) return `${at} is outside of the repository`;
  if (anchor === undefined) return undefined;
  if (statSync(file).isDirectory() || !file.endsWith('.md')) return `${at} has an anchor, but is not a page`;
  return anchorsOf(readPage(relative(ROOT, file))).includes(anchor) ? undefined : `${at} has no such heading`;
}

describe('links', () => {
  it.each(pages())('of %s are not broken', (page) => {
    const problems = linksOf(readPage(page)).map((link) => problemOf(page, link));

    expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
  });

  it('of the README reach every page of docs/', () => {
    const linked = new Set(linksOf(readPage('README.md')).map(({ target }) => target.replace(/#.*/, '')));
    const all = pages().filter((page) => page.startsWith('docs/'));

    expect(all.filter((page) => !linked.has(page))).toEqual([]);
  });

  it('are checked for files and headings', () => {
    const page = '# One\n\n[a](#two) `[b](gone.md)` ![c](gone.svg)\n\n## Two `CODE_X`!\n\n## One\n';

    expect(linksOf(page).map(({ target }) => target)).toEqual(['#two', 'gone.svg']);
    expect(anchorsOf(page)).toEqual(['one', 'two-code_x', 'one-1']);
    expect(problemOf('README.md', { line: 1, target: 'gone.md' })).toContain('does not exist');
    expect(problemOf('README.md', { line: 1, target: 'CONTRIBUTING.md#gone' })).toContain('no such heading');
  });
});
