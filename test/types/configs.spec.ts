import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { announcedErrors } from './announced-errors';
import { caseFiles, CASES, CONFIGS } from './compile-cases';

const SCHEMATICS = dirname(require.resolve('@nestjs/schematics/package.json'));

describe('the configurations', () => {
  it('hold the tsconfig that `nest new` makes today', () => {
    const template = readFileSync(join(SCHEMATICS, 'dist/lib/application/files/ts-esm/tsconfig.json'), 'utf8');
    const copy = readFileSync(join(CONFIGS, 'nest-12-esm', 'nest-new.tsconfig.json'), 'utf8');

    expect(JSON.parse(copy)).toEqual(JSON.parse(template.replaceAll('<%= strict %>', 'true')));
  });

  it('are the only ones that announcements name', () => {
    const named = caseFiles(CASES)
      .flatMap((file) => announcedErrors(readFileSync(join(CASES, file), 'utf8')))
      .flatMap(({ configuration }) => configuration ?? []);

    expect(readdirSync(CONFIGS)).toEqual(expect.arrayContaining([...new Set(named)]));
  });
});
