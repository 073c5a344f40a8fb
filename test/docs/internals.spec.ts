import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pages, readPage, ROOT } from './support/pages';

/** Folders that paths of these pages are relative to. */
const BASES = ['', 'runtime/src', 'test/conformance', 'test/runtime', 'test/package'];
const PATH = /(?<![\w./-])[a-z][\w./-]*(?:\.ts\b|\/(?=`))/g;

function missingPaths(text: string): string[] {
  const paths = new Set(text.match(PATH));
  return [...paths].filter((path) => !BASES.some((base) => existsSync(join(ROOT, base, path))));
}

describe('pages of docs/internals', () => {
  const internals = pages().filter((page) => page.startsWith('docs/internals/'));

  it.each(internals)('%s names only files and folders that exist', (page) => {
    expect(missingPaths(readPage(page))).toEqual([]);
  });

  it('are searched for files and folders', () => {
    const text = 'a<br/>consumer/gone.ts"] `gone/` `consumer/runner.ts`, `handler/` (`index.ts`) and/or gone.spec.ts';

    expect(internals.length).toBeGreaterThan(2);
    expect(missingPaths(text)).toEqual(['consumer/gone.ts', 'gone/', 'gone.spec.ts']);
  });
});
