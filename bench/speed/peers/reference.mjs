import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../../../scripts/process/environment.mjs';
import { run } from '../../../scripts/process/run.mjs';
import { pinnedNodeFolder, root } from '../../../scripts/workspace/root.mjs';

const PROGRAMS = fileURLToPath(new URL('../programs', import.meta.url));
const FOLDER = join(root, '.cache', 'bench-peers');
/** With the Nest that it was made for. */
const PACKAGES = [
  '@nestjs-plugins/nestjs-nats-jetstream-transport@2.2.6',
  ...['common', 'core', 'microservices'].map((name) => `@nestjs/${name}@11`),
  'rxjs@7',
  'reflect-metadata@0.1.13',
];

/**
 * Installs the plugin of the reference in a folder of its own, outside of git, with our programs
 * beside it.
 * @returns the folder of its programs, or undefined when it cannot be had
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
    say(`The plugin of the reference is left out: ${error.message}`);
    return undefined;
  }
}
