import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { announcedErrors } from './announced-errors';
import { compareErrors } from './compare-errors';
import { caseFiles, CASES, compileCases, CONFIGS, type CompiledCases } from './compile-cases';

jest.setTimeout(2 * 60_000);

describe.each(readdirSync(CONFIGS))('in a project of %s', (configuration) => {
  let compiled: CompiledCases;

  beforeAll(() => {
    compiled = compileCases(configuration, CASES);
  });

  it.each(caseFiles(CASES))('%s compiles, but for the errors that it announces', (file) => {
    const announced = announcedErrors(readFileSync(join(CASES, file), 'utf8')).filter(
      (error) => error.configuration === undefined || error.configuration === configuration,
    );

    expect(compareErrors(`test/types/cases/${file}`, announced, compiled.errorsOf(file))).toEqual([]);
  });

  it('has no other error', () => {
    expect(compiled.otherErrors).toEqual([]);
  });
});
