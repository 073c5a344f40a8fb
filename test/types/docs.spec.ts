import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorsAnnouncedFor } from './announced-errors';
import { compareErrors } from './compare-errors';
import { compileCases } from './compile-cases';
import type { Label } from './labels';

const PAGE = join(__dirname, '..', '..', 'docs', 'types.md');
const LABELS: readonly Label[] = ['nest-12', 'ts-6', 'strict'];

/** Returns the page with empty lines in place of its prose, so that line numbers stay. */
function codeOf(language: string): string {
  let inside = false;
  const lines = readFileSync(PAGE, 'utf8')
    .split('\n')
    .map((line) => {
      if (line.startsWith('```')) {
        inside = line === `\`\`\`${language}`;
        return '';
      }
      return inside ? line : '';
    });
  return lines.join('\n');
}

describe('docs/types.md', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nest-jetstream-docs-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each(['ts', 'ts strict'])('announces the errors of its `%s` blocks', (language) => {
    const code = codeOf(language);
    writeFileSync(join(folder, 'page.ts'), `${code}\nexport {};\n`);
    const announced = errorsAnnouncedFor(LABELS, code);
    const compiled = compileCases('nest-12-esm', folder);

    expect(compareErrors('docs/types.md', announced, compiled.errorsOf('page.ts'))).toEqual([]);
    expect(compiled.otherErrors).toEqual([]);
    // Readers compare whole lines with the output of the compiler.
    const printed = new Set(
      compiled
        .errorsOf('page.ts')
        .flatMap(({ line, message }) => message.split('\n').map((text) => `${line}: ${text.trim()}`)),
    );
    const inPart = announced.map(({ line, text }) => `${line}: ${text}`).filter((text) => !printed.has(text));
    expect(inPart).toEqual([]);
    expect(announced.length).toBeGreaterThan(2);
  });
});
