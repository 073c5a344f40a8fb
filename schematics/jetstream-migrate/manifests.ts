import { posix } from 'node:path';
import { readJson, setJson, stringAt } from '../shared/edit/json-file';
import { packageVersion } from '../shared/package-version';
import { PLUGIN_PACKAGES } from '../shared/project/plugin-package';
import { TRANSPORT_PACKAGE } from '../shared/project/transport-package';
import type { Tree } from '../shared/source/tree';
import { NATS_PACKAGE } from './rewrite-nats';

/** Names of the packages that the sources of a folder import. */
export type UsedPackages = (folder: string) => ReadonlySet<string>;

/**
 * Replaces the plugin in the package.json of each folder. Keeps it, and `nats`, where sources still
 * import them.
 */
export function rewriteManifests(tree: Tree, manifests: readonly string[], usedIn: UsedPackages): void {
  for (const path of manifests) {
    const plugins = PLUGIN_PACKAGES.filter((name) => rangeOf(tree, path, name) !== undefined);
    if (plugins.length === 0) continue;
    const used = usedIn(posix.dirname(path));
    if (rangeOf(tree, path, TRANSPORT_PACKAGE) === undefined)
      setJson(tree, path, ['dependencies', TRANSPORT_PACKAGE], `^${packageVersion()}`);
    for (const name of [...plugins, NATS_PACKAGE]) if (!used.has(name)) removeDependency(tree, path, name);
  }
}

function rangeOf(tree: Tree, path: string, name: string): string | undefined {
  const manifest = readJson(tree, path);
  return stringAt(manifest, 'dependencies', name) ?? stringAt(manifest, 'devDependencies', name);
}

function removeDependency(tree: Tree, path: string, name: string): void {
  for (const group of ['dependencies', 'devDependencies'])
    if (stringAt(readJson(tree, path), group, name) !== undefined) setJson(tree, path, [group, name], undefined);
}
