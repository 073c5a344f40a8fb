import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { announcedErrors } from './announced-errors';
import { caseFiles, CASES, STRICT_CASES } from './compile-cases';

describe('the type cases', () => {
  it('hold at least 120 programs, half of which must not compile', () => {
    const sources = [CASES, STRICT_CASES].flatMap((folder) =>
      caseFiles(folder).map((file) => readFileSync(join(folder, file), 'utf8')),
    );
    const refused = sources.flatMap(announcedErrors).length;
    // A statement, or a member of a class, is a program of its own. Those that say nothing must
    // compile.
    const all = sources.flatMap(
      (source) => source.match(/^(?:void |export |await )?\w[^\n]*;|^ {2}@\w+.*$/gm) ?? [],
    ).length;

    process.stdout.write(
      `${all} type cases, ${refused} of them must not compile, each with the message that it announces\n`,
    );
    expect(refused).toBeGreaterThanOrEqual(60);
    expect(all).toBeGreaterThanOrEqual(120);
    // Declarations that the cases are made of count as programs that compile.
    expect(refused / all).toBeGreaterThan(1 / 3);
  });
});
