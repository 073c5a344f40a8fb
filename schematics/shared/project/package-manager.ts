import type { Tree } from '../source/tree';
import { readJson, stringAt } from '../edit/json-file';

/** Package managers that can install the dependencies. */
export type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'bun';

const LOCK_FILES: readonly (readonly [file: string, manager: PackageManager])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
];

const RUNNERS: Readonly<Record<PackageManager, string>> = { npm: 'npx', pnpm: 'pnpm exec', yarn: 'yarn', bun: 'bunx' };

/**
 * Returns the package manager of the lock file, else that of the field `packageManager`, which
 * corepack reads, else npm.
 */
export function packageManagerOf(tree: Tree): PackageManager {
  const locked = LOCK_FILES.find(([file]) => tree.exists(file))?.[1];
  const declared = stringAt(readJson(tree, 'package.json'), 'packageManager')?.split('@')[0];
  return locked ?? LOCK_FILES.find(([, manager]) => manager === declared)?.[1] ?? 'npm';
}

/** Returns the command that runs the programs of installed packages, such as `npx`. */
export function packageRunner(tree: Tree): string {
  return RUNNERS[packageManagerOf(tree)];
}
