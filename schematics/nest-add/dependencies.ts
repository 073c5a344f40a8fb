import type { Tree } from '../shared/source/tree';
import { packageVersion } from '../shared/package-version';
import { readJson, setJson, stringAt } from '../shared/edit/json-file';
import { TRANSPORT_PACKAGE } from '../shared/project/transport-package';

const OWN_NAME = 'nest-jetstream';
const MANIFEST = 'package.json';

/**
 * Adds the dependencies of the running service. Moves nest-jetstream, which only generates code, to
 * the development dependencies.
 */
export function addDependencies(tree: Tree): void {
  const manifest = readJson(tree, MANIFEST);
  addDependency(tree, TRANSPORT_PACKAGE, `^${packageVersion()}`);
  addDependency(tree, '@nestjs/microservices', sameMajor(stringAt(manifest, 'dependencies', '@nestjs/core')));
  const own = stringAt(manifest, 'dependencies', OWN_NAME);
  if (own === undefined) return;
  setJson(tree, MANIFEST, ['dependencies', OWN_NAME], undefined);
  if (stringAt(manifest, 'devDependencies', OWN_NAME) === undefined)
    setJson(tree, MANIFEST, ['devDependencies', OWN_NAME], own);
}

function addDependency(tree: Tree, name: string, range: string): void {
  const manifest = readJson(tree, MANIFEST);
  if (stringAt(manifest, 'dependencies', name) !== undefined) return;
  // A development dependency would be missing in production.
  const declared = stringAt(manifest, 'devDependencies', name);
  if (declared !== undefined) setJson(tree, MANIFEST, ['devDependencies', name], undefined);
  setJson(tree, MANIFEST, ['dependencies', name], declared ?? range);
}

function sameMajor(core: string | undefined): string {
  const major = /^\D*(\d+)/.exec(core ?? '')?.[1];
  if (core === undefined) return '^12.0.0';
  // All packages of Nest use the same tag, workspace or catalog version.
  return /^[\^~>=<v\d ]/.test(core) && major !== undefined ? `^${major}.0.0` : core;
}
