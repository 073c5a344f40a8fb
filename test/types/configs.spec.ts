import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CONFIGS } from './compile-cases';

const SCHEMATICS = dirname(require.resolve('@nestjs/schematics/package.json'));

describe('the tsconfig copies', () => {
  it.each([
    ['nest-12-esm', 'ts-esm'],
    ['nest-12-cjs', 'ts'],
  ])('%s is the tsconfig that `nest new` generates today', (configuration, files) => {
    const template = readFileSync(join(SCHEMATICS, 'dist/lib/application/files', files, 'tsconfig.json'), 'utf8');
    const copy = readFileSync(join(CONFIGS, configuration, 'nest-new.tsconfig.json'), 'utf8');

    expect(JSON.parse(copy)).toEqual(JSON.parse(template.replaceAll('<%= strict %>', 'true')));
  });
});
