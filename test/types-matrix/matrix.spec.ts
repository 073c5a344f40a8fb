import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorsAnnouncedFor } from '../types/announced-errors';
import { compareErrors } from '../types/compare-errors';
import { caseFiles, CASES, FIXTURES } from '../types/compile-cases';
import { COMPILERS, CONFIGURATIONS, labelsOf, type Nest } from './matrix';
import { NestInstallation } from './nest-installation';

jest.setTimeout(10 * 60_000);

describe.each<Nest>(['nest-11', 'nest-12'])('the type cases with %s', (nest) => {
  let installation: NestInstallation;

  beforeAll(async () => {
    installation = await NestInstallation.create(nest);
  });
  afterAll(async () => installation?.remove());

  const projects = CONFIGURATIONS[nest].flatMap((configuration) =>
    COMPILERS[nest].map((compiler) => ({ configuration, compiler })),
  );

  it.each(projects)('compile as announced with $compiler and the tsconfig of $configuration', async (project) => {
    const { configuration, compiler } = project;
    const compiled = await installation.compile(configuration, compiler, CASES);
    const differences = caseFiles(CASES).flatMap((file) => {
      const source = readFileSync(join(CASES, file), 'utf8');
      const announced = errorsAnnouncedFor(labelsOf(nest, configuration, compiler), source);
      return compareErrors(`test/types/cases/${file}`, announced, compiled.errorsOf(file));
    });

    expect([...compiled.otherErrors, ...differences]).toEqual([]);
  });

  it.each(COMPILERS[nest])('are compiled by %s itself, which finds no error in the declarations', async (compiler) => {
    const [own] = CONFIGURATIONS[nest];
    const compiled = await installation.compile(own, compiler, FIXTURES, '--skipLibCheck', 'false');

    expect(await installation.versionOf(compiler)).toContain(`Version ${compiler.replace('ts-', '')}.`);
    expect(compiled.otherErrors).toEqual([]);
    expect(compiled.errorsOf('frame.ts').map(({ line }) => line)).toEqual([3, 6, 8, 12]);
  });
});
