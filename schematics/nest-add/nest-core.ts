import { SchematicError } from '../shared/errors';
import { installedVersion, jsonOf, textOf } from '../shared/project/installed-version';
import type { CodeFolder } from '../shared/project/nest-project';
import { createdApps } from '../shared/source/created-apps';
import { parseFile } from '../shared/source/parse';
import type { Tree } from '../shared/source/tree';

const CORE = '@nestjs/core';
/** File with the catalogs of a pnpm workspace. */
export const PNPM_WORKSPACE = 'pnpm-workspace.yaml';
const OLDEST_MAJOR = 11;
const NEWEST_MAJOR = 12;
const MIGRATION_GUIDE = 'https://docs.nestjs.com/migration-guide';

/** The project's @nestjs/core. */
export interface NestCore {
  /** Version, range or reference in package.json. */
  readonly specifier: string | undefined;
  /** Version or range. Differs from the specifier if that refers to a catalog of pnpm. */
  readonly declared: string | undefined;
  /** Version that is installed or locked. */
  readonly installed: string | undefined;
}

export function readNestCore(tree: Tree): NestCore {
  const manifest = jsonOf(textOf(tree, 'package.json')) ?? {};
  const lists = ['dependencies', 'devDependencies', 'peerDependencies'] as const;
  const specifier = lists
    .map((list) => (manifest[list] as Readonly<Record<string, unknown>> | undefined)?.[CORE])
    .find((range) => typeof range === 'string');
  const declared = specifier?.startsWith('catalog:') ? catalogRange(tree) : specifier;
  return { specifier, declared, installed: installedVersion(tree, CORE) };
}

function catalogRange(tree: Tree): string | undefined {
  return new RegExp(`^ +['"]?${CORE}['"]?: *['"]?([^'"\\s]+)`, 'm').exec(textOf(tree, PNPM_WORKSPACE) ?? '')?.[1];
}

/**
 * Refuses versions of Nest that the transport does not support. Runs before anything that old
 * versions of devkit do not have.
 * @throws SchematicError (`UNSUPPORTED_NEST`)
 */
export function assertSupportedNest({ declared, installed }: NestCore): void {
  const version = installed ?? declared ?? '';
  const major = Number(/^[\^~>=<v ]*(\d+)/.exec(version)?.[1] ?? OLDEST_MAJOR);
  if (major >= OLDEST_MAJOR && major <= NEWEST_MAJOR) return;
  const remedy =
    major < OLDEST_MAJOR
      ? `Upgrade Nest first (${MIGRATION_GUIDE}), and run nest add again.`
      : 'Use a newer version of nest-jetstream.';
  throw new SchematicError(
    'UNSUPPORTED_NEST',
    `This project has ${CORE} ${version}, but nest-jetstream needs Nest ${OLDEST_MAJOR} or ${NEWEST_MAJOR}. ${remedy}`,
    version,
  );
}

/**
 * Refuses a microservice without HTTP on Nest before 11.1.3, which ignores a strategy from a
 * factory and starts a TCP server instead.
 * @throws SchematicError (`UNSUPPORTED_NEST`)
 */
export function assertStrategyFromFactory(tree: Tree, { entryFile }: CodeFolder, { installed }: NestCore): void {
  if (installed === undefined || !/^11\.(0\.|1\.[0-2]$)/.test(installed) || !tree.exists(entryFile)) return;
  if (!createdApps(parseFile(tree, entryFile)).some(({ kind }) => kind === 'microservice')) return;
  throw new SchematicError(
    'UNSUPPORTED_NEST',
    `This microservice has ${CORE} ${installed}, but a custom transport from a factory needs 11.1.3. Update all packages of Nest, and run nest add again.`,
    installed,
  );
}
