import * as nodeModule from 'node:module';
import { join, sep } from 'node:path';

// Available since Node 22.8. The types here are those of the oldest supported Node.
interface ModuleWithCache {
  readonly enableCompileCache?: (folder: string) => unknown;
}

const NODE_MODULES = `${sep}node_modules${sep}`;

/**
 * Stores Node's compile cache beside the installed packages. Loading TypeScript alone takes 0.1 s
 * without it.
 */
export function enableCompileCache(): void {
  const end = __dirname.lastIndexOf(NODE_MODULES);
  if (end === -1) return;
  const folder = join(__dirname.slice(0, end), NODE_MODULES, '.cache', 'nest-jetstream');
  // It reports a failure in its result instead of throwing, such as for a read-only folder.
  (nodeModule as ModuleWithCache).enableCompileCache?.(folder);
}
