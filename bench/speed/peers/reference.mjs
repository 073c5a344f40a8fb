import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../../../scripts/process/environment.mjs';
import { run } from '../../../scripts/process/run.mjs';
import { pinnedNodeFolder, root } from '../../../scripts/workspace/root.mjs';

const PROGRAMS = fileURLToPath(new URL('../programs', import.meta.url));
const FOLDER = join(root, '.cache', 'bench-peers');
/** The reference plugin with a compatible version of Nest. */
const PACKAGES = [
  '@nestjs-plugins/nestjs-nats-jetstream-transport@2.2.6',
  ...['common', 'core', 'microservices'].map((name) => `@nestjs/${name}@11`),
  'rxjs@7',
  'reflect-metadata@0.1.13',
];

/**
 * Installs the reference plugin in a separate folder outside git, with a copy of our programs.
 * @returns the folder of its programs, or undefined if it cannot be installed
 */
export async function installReference(say) {
  try {
    await mkdir(FOLDER, { recursive: true });
    await writeFile(join(FOLDER, 'package.json'), '{ "private": true }');
    const args = ['install', '--no-save', '--no-audit', '--no-fund', '--prefer-offline', ...PACKAGES];
    await run('npm', args, {
      cwd: FOLDER,
      env: childEnvironment({ firstOnPath: pinnedNodeFolder }),
      timeoutMs: 120_000,
    });
    const programs = join(FOLDER, 'programs');
    await cp(PROGRAMS, programs, { recursive: true });
    return programs;
  } catch (error) {
    say(`Skipping the reference plugin. ${error.message}`);
    return undefined;
  }
}
