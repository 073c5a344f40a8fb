import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Folder of the Node in the `node` devDependency. Tests run on it, independent of the shell's Node.
 */
export const pinnedNodeFolder = join(root, 'node_modules', 'node', 'bin');
