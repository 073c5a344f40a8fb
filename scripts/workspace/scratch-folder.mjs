import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Creates a temporary folder for one run. With its `env`, children put their temporary files there,
 * too, so `remove` leaves nothing behind.
 * @param {string} purpose part of its name
 */
export function scratchFolder(purpose) {
  const path = mkdtempSync(join(realpathSync(tmpdir()), `nest-jetstream-${purpose}-`));
  // As root, PostgreSQL runs as another user and needs to reach its folder.
  chmodSync(path, 0o711);
  return {
    path,
    env: { TMPDIR: path, TMP: path, TEMP: path },
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}
