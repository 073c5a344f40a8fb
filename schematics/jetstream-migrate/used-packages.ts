import { importsPlugin, PLUGIN_PACKAGES } from '../shared/project/plugin-package';
import type { Tree } from '../shared/source/tree';
import { NATS_PACKAGE } from './rewrite-nats';

/** Returns the packages of the plugin that the sources still need. */
export function usedPackages(tree: Tree, sources: readonly string[]): ReadonlySet<string> {
  const used = new Set<string>();
  for (const path of sources) {
    if (importsPlugin(tree, path)) PLUGIN_PACKAGES.forEach((name) => used.add(name));
    // Nest's own NATS transport loads it, too.
    if (/['"]nats['"]|\bTransport\.NATS\b/.test(tree.readText(path))) used.add(NATS_PACKAGE);
  }
  return used;
}
