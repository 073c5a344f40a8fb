import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorsAnnouncedFor } from './announced-errors';
import { compareErrors } from './compare-errors';
import { caseFiles, CASES, compileCases, STRICT_CASES, type CompiledCases } from './compile-cases';
import type { Label } from './labels';

jest.setTimeout(10 * 60_000);

// The packages that are installed here. test/types-matrix has Nest 11 and the other compilers.
const LABELS_OF = {
  'nest-11': ['nest-12', 'ts-6'],
  'nest-12-esm': ['nest-12', 'ts-6', 'strict'],
  // All strictness options, such as exactOptionalPropertyTypes and noUncheckedIndexedAccess.
  strictest: ['nest-12', 'ts-6', 'strict', 'exact-optional'],
} satisfies Record<string, readonly Label[]>;

const PROJECTS = Object.entries(LABELS_OF).flatMap(([configuration, labels]) => [
  { configuration, labels, folder: CASES, cases: 'cases' },
  { configuration, labels, folder: STRICT_CASES, cases: 'strict-cases' },
]);

describe.each(PROJECTS)(
  'the type $cases with the tsconfig of $configuration',
  ({ configuration, labels, folder, cases }) => {
    let compiled: CompiledCases;

    beforeAll(() => {
      compiled = compileCases(configuration, folder);
    });

    it.each(caseFiles(folder))('%s has the errors that it announces', (file) => {
      const announced = errorsAnnouncedFor(labels, readFileSync(join(folder, file), 'utf8'));

      expect(compareErrors(`test/types/${cases}/${file}`, announced, compiled.errorsOf(file))).toEqual([]);
    });

    it('compile without other errors', () => {
      expect(compiled.otherErrors).toEqual([]);
    });
  },
);
