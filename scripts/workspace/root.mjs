import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The folder of the Node that the `node` devDependency brings: tests run on it, whatever Node the
 * shell has.
 */
export const pinnedNodeFolder = join(root, 'node_modules', 'node', 'bin');
