import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_VERSION, securityWarning, SUPPORTED_FLOOR } from '../../nats-server/version';
import { COMPILERS } from '../types-matrix/matrix';
import { readPage, ROOT } from './support/pages';

interface Manifest {
  readonly engines: { readonly node: string };
  readonly peerDependencies: Readonly<Record<string, string>>;
}

const page = readPage('docs/compatibility.md');
const { engines, peerDependencies }: Manifest = JSON.parse(readFileSync(join(ROOT, 'runtime', 'package.json'), 'utf8'));

/** Returns the cells of a row of the first table. */
function row(name: string): string[] {
  const line = page.split('\n').find((text) => text.startsWith(`| ${name} `)) ?? '';
  return line.split('|').map((cell) => cell.trim());
}

describe('docs/compatibility.md', () => {
  it('states the ranges of package.json', () => {
    expect(`>=${row('Node')[2]}`).toBe(`${engines.node} and newer`);
    expect(peerDependencies['@nestjs/core']).toBe('^11.0.0 || ^12.0.0');
    expect(row('Nest')[2]).toBe('11 and 12');
  });

  it('states the compilers of the matrix', () => {
    const [oldest11, ...others] = COMPILERS['nest-11'].map((compiler) => compiler.replace('ts-', ''));
    expect(row('TypeScript')[2]).toContain(`${oldest11} and newer with Nest 11`);
    expect(row('TypeScript')[2]).toContain(`${COMPILERS['nest-12'][0]?.replace('ts-', '')} and newer with Nest 12`);
    expect(row('TypeScript')[3]).toContain([oldest11, ...others].join(', ').replace(/, (\d+)$/, ' and $1'));
  });

  it('states the versions of nats-server', () => {
    expect(row('nats-server')[2]).toBe(`${SUPPORTED_FLOOR.replace(/\.0$/, '')} and newer`);
    expect(row('nats-server')[3]).toBe(DEFAULT_VERSION);
  });

  it.each(['2.11.16', '2.12.7', '2.14.0'])('states %s as the first without known vulnerabilities', (version) => {
    const [major = '', minor = '', patch = ''] = version.split('.');
    const before = patch === '0' ? `${major}.${Number(minor) - 1}.99` : `${major}.${minor}.${Number(patch) - 1}`;
    expect(page).toContain(version);
    expect([before, version].map((one) => securityWarning(one) !== undefined)).toEqual([true, false]);
  });
});
