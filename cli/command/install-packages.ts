import { spawn } from 'node:child_process';
import type { InstallOptions } from '../runner/run-schematic';

/** Installs the dependencies of package.json, and one package in an exact version if given. */
export async function installPackages(
  root: string,
  { packageManager, packageName }: InstallOptions,
  stdio: 'inherit' | 'ignore',
): Promise<void> {
  const args = ['install', ...(packageName === undefined ? [] : [packageName])];
  // On Windows, package managers are scripts and need a shell. The command contains no user input.
  const child = spawn(packageManager, args, { cwd: root, stdio, shell: process.platform === 'win32' });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0) return;
  throw new Error(
    `package.json was written, but '${[packageManager, ...args].join(' ')}' failed. Run that command again.`,
  );
}
