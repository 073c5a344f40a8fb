import type { Logger, Tree } from '../shared/source/tree';
import { packageVersion } from '../shared/package-version';
import { readJson, setJson, stringAt } from '../shared/edit/json-file';
import { packageManagerOf, type PackageManager } from '../shared/project/package-manager';
import { TRANSPORT_PACKAGE } from '../shared/project/transport-package';
import { PNPM_WORKSPACE, type NestCore } from './nest-core';

const OWN_NAME = 'nest-jetstream';
const MANIFEST = 'package.json';
const MICROSERVICES = '@nestjs/microservices';
const EXACT = /^[=v]?\d+\.\d+\.\d+/;

/** A run of the package manager. */
export interface Installation {
  readonly packageManager: PackageManager;
  /** Package to add in an exact version. Undefined if package.json is sufficient. */
  readonly packageName: string | undefined;
}

/**
 * Adds the dependencies of the running service. Moves nest-jetstream, which only generates code, to
 * the development dependencies. Returns how to install them.
 */
export function addDependencies(
  tree: Tree,
  logger: Logger,
  core: NestCore,
  { installsPackages }: { readonly installsPackages: boolean },
): Installation {
  const packageManager = packageManagerOf(tree);
  addDependency(tree, TRANSPORT_PACKAGE, `^${packageVersion()}`);
  const microservices = microservicesOf(tree, core, installsPackages);
  const isAdded = addDependency(tree, MICROSERVICES, microservices.range);
  moveOwn(tree);
  if (isAdded && microservices.isPinned) {
    logger.info(
      `${MICROSERVICES} is pinned to ${microservices.range}, the installed version of @nestjs/core, because a newer one may need a newer core. Update both together.`,
    );
  }
  return { packageManager, packageName: isAdded ? microservices.packageName : undefined };
}

interface Microservices {
  /** Version or range in package.json. */
  readonly range: string;
  /** True if a project with ranges gets an exact version. */
  readonly isPinned?: boolean;
  readonly packageName?: string;
}

/**
 * Chooses the version that fits the project's core. A newer version may use parts that an older
 * core does not have, although its peer range allows that core: 11.2.2 does not load with 11.2.1.
 * A range alone would resolve to the newest version while the core stays locked.
 */
function microservicesOf(
  tree: Tree,
  { specifier, declared, installed }: NestCore,
  installsPackages: boolean,
): Microservices {
  const isRegistryRange = declared !== undefined && /^(?!.*[:/])\S/.test(declared);
  if (specifier?.startsWith('workspace:') || (specifier?.startsWith('catalog:') && isInCatalog(tree)))
    return { range: specifier };
  if (isRegistryRange && EXACT.test(declared)) return { range: declared };
  if (installed === undefined) return { range: isRegistryRange ? declared : '^12.0.0' };
  if (isRegistryRange && declared.startsWith('^') && installsPackages && keepsRange(tree)) {
    // npm adds the caret itself, so that a failed installation leaves the safe version.
    const range = packageManagerOf(tree) === 'npm' ? installed : `^${installed}`;
    return { range, packageName: `${MICROSERVICES}@${installed}` };
  }
  return { range: installed, isPinned: declared !== undefined };
}

/**
 * Returns true if the package manager can lock an exact version below a caret range: npm and pnpm
 * can, except in the root of a pnpm workspace.
 */
function keepsRange(tree: Tree): boolean {
  const manager = packageManagerOf(tree);
  return manager === 'npm' || (manager === 'pnpm' && !tree.exists(PNPM_WORKSPACE));
}

function isInCatalog(tree: Tree): boolean {
  return tree.exists(PNPM_WORKSPACE) && tree.readText(PNPM_WORKSPACE).includes(MICROSERVICES);
}

/** Returns false if the project has the dependency already. */
function addDependency(tree: Tree, name: string, range: string): boolean {
  const manifest = readJson(tree, MANIFEST);
  if (stringAt(manifest, 'dependencies', name) !== undefined) return false;
  // A development dependency would be missing in production.
  const declared = stringAt(manifest, 'devDependencies', name);
  if (declared !== undefined) setJson(tree, MANIFEST, ['devDependencies', name], undefined);
  setJson(tree, MANIFEST, ['dependencies', name], declared ?? range);
  return declared === undefined;
}

function moveOwn(tree: Tree): void {
  const manifest = readJson(tree, MANIFEST);
  const own = stringAt(manifest, 'dependencies', OWN_NAME);
  if (own === undefined) return;
  setJson(tree, MANIFEST, ['dependencies', OWN_NAME], undefined);
  if (stringAt(manifest, 'devDependencies', OWN_NAME) === undefined)
    setJson(tree, MANIFEST, ['devDependencies', OWN_NAME], own);
}
