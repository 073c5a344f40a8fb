import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { announcedErrors } from './announced-errors';
import { caseFiles, CASES, STRICT_CASES } from './compile-cases';

describe('the type cases', () => {
  it('are at least 120 programs, and 60 of them must not compile', () => {
    const sources = [CASES, STRICT_CASES].flatMap((folder) =>
      caseFiles(folder).map((file) => readFileSync(join(folder, file), 'utf8')),
    );
    const refused = sources.flatMap(announcedErrors).length;
    // Each statement and each class member counts as a program.
    const all = sources.flatMap(
      (source) => source.match(/^(?:void |export |await )?\w[^\n]*;|^ {2}@\w+.*$/gm) ?? [],
    ).length;

    process.stdout.write(`${all} type cases, of which ${refused} must not compile\n`);
    expect(refused).toBeGreaterThanOrEqual(60);
    expect(all).toBeGreaterThanOrEqual(120);
    // Declarations that the cases use count as programs that compile.
    expect(refused / all).toBeGreaterThan(1 / 3);
  });
});
