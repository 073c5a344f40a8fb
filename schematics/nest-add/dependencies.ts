import type { Logger, Tree } from '../shared/source/tree';
import { packageVersion } from '../shared/package-version';
import { readJson, setJson, stringAt } from '../shared/edit/json-file';
import { isOnDisk } from '../shared/project/installed-version';
import { packageManagerOf, type PackageManager } from '../shared/project/package-manager';
import { TRANSPORT_PACKAGE } from '../shared/project/transport-package';
import { PNPM_WORKSPACE, type NestCore } from './nest-core';
import { newestPublished } from './published-version';

const OWN_NAME = 'nest-jetstream';
const MANIFEST = 'package.json';
const MICROSERVICES = '@nestjs/microservices';
const EXACT = /^[=v]?(\d+\.\d+\.\d+[\w.-]*)$/;

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
  // Without an installation, the command works offline.
  const asksRegistry = installsPackages && isOnDisk(tree, process.cwd());
  const microservices = microservicesFor(tree, core, (version) =>
    asksRegistry ? newestPublished(MICROSERVICES, version, process.cwd()) : undefined,
  );
  const isAdded = addDependency(tree, MICROSERVICES, microservices.range);
  moveOwn(tree);
  if (isAdded && microservices.isPinned) {
    logger.info(
      `${MICROSERVICES} is limited to ${microservices.range}, because a newer version may need a newer @nestjs/core. Update both together.`,
    );
  }
  return { packageManager, packageName: isAdded ? microservices.packageName : undefined };
}

/** Choice of a version of @nestjs/microservices. */
export interface Microservices {
  /** Version or range in package.json. */
  readonly range: string;
  /** True if a project with ranges does not get one that follows new releases. */
  readonly isPinned?: boolean;
  /** Package to install in an exact version below the range. */
  readonly packageName?: string;
}

/**
 * Chooses the version that fits the project's core. A newer version may use parts that an older
 * core does not have, although its peer range allows that core: 11.2.2 does not load with 11.2.1.
 * A range alone would resolve to the newest version while the core stays locked.
 * @param published returns the newest published version up to that of the core, if it is known
 */
export function microservicesFor(
  tree: Tree,
  { specifier, declared, installed }: NestCore,
  published: (core: string) => string | undefined,
): Microservices {
  const range = declared !== undefined && /^(?!.*[:/])\S/.test(declared) ? declared : undefined;
  if (specifier?.startsWith('workspace:') || (specifier?.startsWith('catalog:') && isInCatalog(tree)))
    return { range: specifier };
  const exact = range === undefined ? undefined : EXACT.exec(range)?.[1];
  const core = exact ?? installed;
  if (core === undefined) return { range: range ?? '^12.0.0' };
  const version = published(core);
  const isPinned = exact === undefined && declared !== undefined;
  if (version === undefined) return { range: `>=${core.split('.')[0]}.0.0 <=${core}`, isPinned };
  if (range?.startsWith('^') && keepsRange(tree)) {
    // npm adds the caret itself, so that a failed installation leaves the safe version.
    const written = packageManagerOf(tree) === 'npm' ? version : `^${version}`;
    return { range: written, packageName: `${MICROSERVICES}@${version}` };
  }
  return { range: version, isPinned };
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
