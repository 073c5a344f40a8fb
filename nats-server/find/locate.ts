import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { platformAsset } from './platform-asset';

/** Returns the first nats-server on a PATH. */
export async function findOnPath(path: string): Promise<string | undefined> {
  const { binary } = platformAsset('0.0.0');
  for (const directory of path.split(delimiter)) {
    const candidate = join(directory, binary);
    if (directory !== '' && (await isExecutable(candidate))) return candidate;
  }
  return undefined;
}

export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
