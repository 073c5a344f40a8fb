import { realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { SchematicError } from '../errors';

/**
 * @throws SchematicError when a path of the workspace leads out of it, e.g. through a symbolic
 * link.
 */
export function assertInside(workspace: string, path: string): void {
  const root = realpathSync(workspace);
  const real = nearestReal(join(workspace, path));
  if (real === root || real.startsWith(root + sep)) return;
  throw new SchematicError(
    'OUTSIDE_PROJECT',
    `${path} leads to ${real}, outside the project: choose another folder, with --path.`,
    path,
  );
}

// What is not there yet will be where the nearest folder above it is.
function nearestReal(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return nearestReal(dirname(path));
  }
}
