import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { childEnvironment } from '../../scripts/process/environment.mjs';
import { run } from '../../scripts/process/run.mjs';
import { pack } from '../../scripts/workspace/pack.mjs';
import { pinnedNodeFolder, root } from '../../scripts/workspace/root.mjs';

const CONFIGURATION = join(root, 'test', 'types', 'configs', 'nest-12-esm');
export const COMPILERS = ['ts-5.9', 'ts-6', 'ts-7'];
const PACKAGES = [
  ...['common', 'core', 'microservices'].map((name) => `@nestjs/${name}@12`),
  'rxjs@^7.8.1',
  'reflect-metadata@^0.2.2',
  '@types/node@^24.0.0',
  ...COMPILERS.map((compiler) => `${compiler}@npm:typescript@${compiler.replace('ts-', '')}`),
];

/** Installs Nest, the packed transport and the compilers, each compiler under its own name. */
export async function installPackages(folder) {
  const transport = (await pack(folder)).find((tarball) => tarball.includes('transport'));
  await writeFile(join(folder, 'package.json'), '{ "private": true }');
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--prefer-offline', ...PACKAGES, transport];
  await run('npm', args, { cwd: folder, env: childEnvironment({ firstOnPath: pinnedNodeFolder }) });
}

/** Creates a project with the tsconfig of `nest new` and the contract as its only source. */
export async function makeProject(folder, name, source) {
  const path = join(folder, name);
  await cp(CONFIGURATION, path, { recursive: true });
  await mkdir(join(path, 'src'));
  await writeFile(join(path, 'src', 'contract.ts'), source);
  return { name, path, file: join(path, 'src', 'contract.ts') };
}
