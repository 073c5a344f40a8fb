import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const LOCK_FILES: readonly (readonly [file: string, manager: string])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
];

/** Installs the dependencies with the package manager of the lock file, or with npm. */
export async function installPackages(root: string, stdio: 'inherit' | 'ignore'): Promise<void> {
  const manager = LOCK_FILES.find(([file]) => existsSync(join(root, file)))?.[1] ?? 'npm';
  // On Windows, package managers are scripts and need a shell. The command contains no user input.
  const child = spawn(manager, ['install'], { cwd: root, stdio, shell: process.platform === 'win32' });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`package.json was written, but '${manager} install' failed. Run it again.`);
}
