import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A temporary folder for one run. With its `env`, everything that children put into the system's
 * temporary folder is in it too, so that `remove` leaves nothing behind, however a child ended.
 * @param {string} purpose part of its name
 */
export function scratchFolder(purpose) {
  const path = mkdtempSync(join(realpathSync(tmpdir()), `nest-jetstream-${purpose}-`));
  return {
    path,
    env: { TMPDIR: path, TMP: path, TEMP: path },
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}
