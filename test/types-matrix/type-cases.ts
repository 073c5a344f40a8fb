import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import type { Document } from '../../schematics/contract/json';
import { mistakesIn } from '../schematics/support/asyncapi';
import { errorsAnnouncedFor } from '../types/announced-errors';
import { compareErrors } from '../types/compare-errors';
import { caseFiles, CASES, FIXTURES, STRICT_CASES } from '../types/compile-cases';
import { COMPILERS, CONFIGURATIONS, labelsOf, type Nest } from './matrix';
import { NestInstallation } from './nest-installation';

/** Channels of contract.ts. The event of frame.ts has one of them. */
const CHANNELS = ['order.:region.shipped', 'order.created', 'order.paid', 'total.get', 'total.get reply'];

jest.setTimeout(20 * 60_000);

/** Describes the type cases with one Nest. Each has a spec file, because files run in parallel. */
export function describeTypeCases(nest: Nest): void {
  describe(`the type cases with ${nest}`, () => {
    let installation: NestInstallation;

    beforeAll(async () => {
      installation = await NestInstallation.create(nest);
    });
    afterAll(async () => installation?.remove());

    const projects = CONFIGURATIONS[nest].flatMap((configuration) =>
      COMPILERS[nest].flatMap((compiler) =>
        // Strict mode depends on the compiler only, so one configuration is enough.
        (configuration === CONFIGURATIONS[nest][0] ? [CASES, STRICT_CASES] : [CASES]).map((folder) => ({
          configuration,
          compiler,
          folder,
          cases: basename(folder),
        })),
      ),
    );

    it.each(projects)(
      'have the announced errors in $cases with $compiler and the tsconfig of $configuration',
      async (project) => {
        const { configuration, compiler, folder } = project;
        const compiled = await installation.compile(configuration, compiler, folder);
        const differences = caseFiles(folder).flatMap((file) => {
          const source = readFileSync(join(folder, file), 'utf8');
          const announced = errorsAnnouncedFor(labelsOf(nest, configuration, compiler), source);
          return compareErrors(`${basename(folder)}/${file}`, announced, compiled.errorsOf(file));
        });

        expect([...compiled.otherErrors, ...differences]).toEqual([]);
      },
    );

    it.each(COMPILERS[nest])('compile with %s without errors in the declarations', async (compiler) => {
      const [own] = CONFIGURATIONS[nest];
      const compiled = await installation.compile(own, compiler, FIXTURES, '--skipLibCheck', 'false');

      expect(await installation.versionOf(compiler)).toContain(`Version ${compiler.replace('ts-', '')}.`);
      expect(compiled.otherErrors).toEqual([]);
      expect(compiled.errorsOf('frame.ts').map(({ line }) => line)).toEqual([3, 6, 8, 12]);
      expect(compiled.errorsOf('contract.ts')).toEqual([]);
    });

    if (nest === 'nest-12')
      it('have one AsyncAPI document, whichever TypeScript the project has', async () => {
        const [own] = CONFIGURATIONS[nest];
        const documents: string[] = [];
        for (const compiler of COMPILERS[nest]) documents.push(await installation.contract(own, compiler, FIXTURES));
        expect(new Set(documents).size).toBe(1);
        const document = parse(documents[0] ?? '') as Document;
        expect(mistakesIn(document)).toEqual([]);
        expect(Object.keys(document['channels'] ?? {})).toEqual(CHANNELS);
      });
  });
}
