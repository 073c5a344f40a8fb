import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Tree } from '../source/tree';

const LOCK_FILES: readonly (readonly [file: string, find: (lock: string, name: string) => string | undefined])[] = [
  ['package-lock.json', inPackageLock],
  ['npm-shrinkwrap.json', inPackageLock],
  ['pnpm-lock.yaml', inPnpmLock],
  ['yarn.lock', inYarnLock],
  ['bun.lock', inBunLock],
];

/**
 * Returns the version of a package that is installed, else the locked one. Reads the tree with
 * `read` only, because devkit before version 14 has no `readText`.
 * @param workspace folder of the tree on the disk
 */
export function installedVersion(tree: Tree, name: string, workspace = process.cwd()): string | undefined {
  const manifest = `node_modules/${name}/package.json`;
  const found = versionOf(textOf(tree, manifest)) ?? hoistedVersion(tree, manifest, workspace);
  if (found !== undefined) return found;
  for (const [file, find] of LOCK_FILES) {
    const version = find(textOf(tree, file) ?? '', name);
    if (version !== undefined) return version;
  }
  return undefined;
}

/** Returns the parsed JSON of a text. Undefined if it is not an object. */
export function jsonOf(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text?.replace(/^\uFEFF/, '') ?? '');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

export function textOf(tree: Tree, path: string): string | undefined {
  return tree.exists(path) ? tree.read(path)?.toString('utf8') : undefined;
}

/** Finds a package above the workspace, such as in the root of a monorepo. */
function hoistedVersion(tree: Tree, manifest: string, workspace: string): string | undefined {
  if (!isOnDisk(tree, workspace)) return undefined;
  for (let folder = workspace; ; folder = dirname(folder)) {
    const version = versionOf(onDisk(join(folder, manifest)));
    if (version !== undefined || folder === dirname(folder)) return version;
  }
}

/** Returns false if the tree is not that of the folder, as in tests. */
export function isOnDisk(tree: Tree, workspace: string): boolean {
  const name = jsonOf(textOf(tree, 'package.json'))?.['name'];
  return name === jsonOf(onDisk(join(workspace, 'package.json')))?.['name'];
}

function onDisk(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function versionOf(manifest: string | undefined): string | undefined {
  const version = jsonOf(manifest)?.['version'];
  return typeof version === 'string' ? version : undefined;
}

// `packages` since npm 7, `dependencies` before.
function inPackageLock(lock: string, name: string): string | undefined {
  type Locked = Readonly<Record<string, { readonly version?: string } | undefined>>;
  const { packages, dependencies } = (jsonOf(lock) ?? {}) as { packages?: Locked; dependencies?: Locked };
  return packages?.[`node_modules/${name}`]?.version ?? dependencies?.[name]?.version;
}

// As a dependency of an importer, else among all packages.
function inPnpmLock(lock: string, name: string): string | undefined {
  return (
    matched(lock, `^ +'?${name}'?:\\n +specifier: .*\\n +version: (${VERSION})`) ??
    matched(lock, `^ +'?/?${name}[@/](${VERSION})`)
  );
}

// Yarn 1 writes `version "1.2.3"`, later versions write `version: 1.2.3`.
function inYarnLock(lock: string, name: string): string | undefined {
  return matched(lock, `^"?${name}@.*:\\n +version:? "?(${VERSION})`);
}

function inBunLock(lock: string, name: string): string | undefined {
  return matched(lock, `"${name}": \\["${name}@(${VERSION})"`);
}

const VERSION = String.raw`\d+\.\d+\.\d+(?:-[\w.-]+)?`;

function matched(text: string, pattern: string): string | undefined {
  return new RegExp(pattern, 'm').exec(text.replaceAll('\r\n', '\n'))?.[1];
}
