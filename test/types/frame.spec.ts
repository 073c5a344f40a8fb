import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { announcedErrors, errorsAnnouncedFor } from './announced-errors';
import { compareErrors } from './compare-errors';
import { compileCases, FIXTURES } from './compile-cases';
import type { Label } from './labels';

describe('compareErrors', () => {
  it('reports errors that are not announced, and announcements without an error', () => {
    const announced = announcedErrors(readFileSync(join(FIXTURES, 'frame.ts'), 'utf8'));
    const compiled = compileCases('nest-12-esm', FIXTURES);

    expect(compiled.otherErrors).toEqual([]);
    expect(compareErrors('frame.ts', announced, compiled.errorsOf('frame.ts'))).toEqual([
      "frame.ts:3: not announced: Type 'string' is not assignable to type 'number'.",
      "frame.ts:6: not announced: Type 'string' is not assignable to type 'number'.",
      "frame.ts:4: announced, but compiles or has another error: Type 'string' is not assignable to type 'number'",
      "frame.ts:6: announced, but compiles or has another error: Type 'string' is not assignable to type 'boolean'",
    ]);
  });

  it('refuses an announcement without code below it', () => {
    expect(() => announcedErrors('const one = 1;\n// error: lost\n')).toThrow('There is no code below');
  });

  it('applies an announcement to the projects with its labels', () => {
    const source = [
      'x(); // error: everywhere',
      'x(); // error(nest-12 strict): where both are true',
      'x(); // error(ts-6, ts-7): where one is true',
    ].join('\n');
    const lines = (...labels: Label[]): number[] => errorsAnnouncedFor(labels, source).map(({ line }) => line);

    expect(lines('nest-12', 'ts-5.9')).toEqual([1]);
    expect(lines('nest-12', 'strict', 'ts-5.9')).toEqual([1, 2]);
    expect(lines('nest-11', 'strict', 'ts-7')).toEqual([1, 3]);
  });

  it('refuses an announcement with an unknown label', () => {
    expect(() => announcedErrors('x(); // error(nest-13): gone')).toThrow("Unknown label 'nest-13'");
    expect(() => announcedErrors('x(); // error(): gone')).toThrow('Unknown label');
  });
});
