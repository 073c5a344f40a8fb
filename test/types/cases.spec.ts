import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorsAnnouncedFor } from './announced-errors';
import { compareErrors } from './compare-errors';
import { caseFiles, CASES, compileCases, type CompiledCases } from './compile-cases';
import type { Label } from './labels';

jest.setTimeout(2 * 60_000);

// With what is installed here. test/types-matrix has the other compilers, and Nest 11 itself.
const LABELS_OF = {
  'nest-11': ['nest-12', 'ts-6'],
  'nest-12-esm': ['nest-12', 'ts-6', 'strict'],
} satisfies Record<string, readonly Label[]>;

describe.each(Object.entries(LABELS_OF))('with the tsconfig of %s', (configuration, labels) => {
  let compiled: CompiledCases;

  beforeAll(() => {
    compiled = compileCases(configuration, CASES);
  });

  it.each(caseFiles(CASES))('%s compiles, but for the errors that it announces', (file) => {
    const announced = errorsAnnouncedFor(labels, readFileSync(join(CASES, file), 'utf8'));

    expect(compareErrors(`test/types/cases/${file}`, announced, compiled.errorsOf(file))).toEqual([]);
  });

  it('has no other error', () => {
    expect(compiled.otherErrors).toEqual([]);
  });
});
