import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { announcedErrors } from './announced-errors';
import { compareErrors } from './compare-errors';
import { compileCases } from './compile-cases';

const FIXTURES = join(__dirname, 'fixtures');

describe('the comparison of announced and actual errors', () => {
  it('tells what is not announced and what is not met, and accepts the rest', () => {
    const announced = announcedErrors(readFileSync(join(FIXTURES, 'frame.ts'), 'utf8'));
    const compiled = compileCases('nest-12-esm', FIXTURES);

    expect(compiled.otherErrors).toEqual([]);
    expect(compareErrors('frame.ts', announced, compiled.errorsOf('frame.ts'))).toEqual([
      "frame.ts:3: not announced: Type 'string' is not assignable to type 'number'.",
      "frame.ts:6: not announced: Type 'string' is not assignable to type 'number'.",
      "frame.ts:4: announced, but compiles or says something else: Type 'string' is not assignable to type 'number'",
      "frame.ts:6: announced, but compiles or says something else: Type 'string' is not assignable to type 'boolean'",
    ]);
  });

  it('refuses an announcement above no code', () => {
    expect(() => announcedErrors('const one = 1;\n// error: lost\n')).toThrow('above no code');
  });

  it('knows the configuration that an announcement holds for', () => {
    expect(announcedErrors('x(); // error(nest-11): gone')).toEqual([
      { line: 1, text: 'gone', configuration: 'nest-11' },
    ]);
  });
});
