import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { anchorsOf, linksOf, type Link } from './support/markdown';
import { pages, readPage, ROOT } from './support/pages';

/** What is wrong with a link; undefined when it leads somewhere. */
function problemOf(page: string, { line, target }: Link): string | undefined {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? join(ROOT, page) : join(ROOT, dirname(page), path);
  const at = `${page}:${line}: ${target}`;
  if (!existsSync(file)) return `${at} is not there`;
  if (relative(ROOT, file).startsWith('..')) return `${at} is outside of the repository`;
  if (anchor === undefined) return undefined;
  if (statSync(file).isDirectory() || !file.endsWith('.md')) return `${at} has an anchor, but is no page`;
  return anchorsOf(readPage(relative(ROOT, file))).includes(anchor) ? undefined : `${at} has no such heading`;
}

describe('the links', () => {
  it.each(pages())('of %s lead somewhere', (page) => {
    const problems = linksOf(readPage(page)).map((link) => problemOf(page, link));

    expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
  });

  it('of one page reach every page of docs/: no page is left for a search to find', () => {
    const linked = new Set(linksOf(readPage('README.md')).map(({ target }) => target.replace(/#.*/, '')));
    const all = pages().filter((page) => page.startsWith('docs/'));

    expect(all.filter((page) => !linked.has(page))).toEqual([]);
  });

  it('are really looked at', () => {
    const page = '# One\n\n[a](#two) `[b](gone.md)` ![c](gone.svg)\n\n## Two `CODE_X`!\n\n## One\n';

    expect(linksOf(page).map(({ target }) => target)).toEqual(['#two', 'gone.svg']);
    expect(anchorsOf(page)).toEqual(['one', 'two-code_x', 'one-1']);
    expect(problemOf('README.md', { line: 1, target: 'gone.md' })).toContain('is not there');
    expect(problemOf('README.md', { line: 1, target: 'CONTRIBUTING.md#gone' })).toContain('no such heading');
  });
});
