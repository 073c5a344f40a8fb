import { constants } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { platformAsset } from './platform-asset';
import { compareVersions, findVersion } from './version';

/** The first nats-server on a PATH; undefined when there is none. */
export async function findOnPath(path: string): Promise<string | undefined> {
  const { binary } = platformAsset('0.0.0');
  for (const directory of path.split(delimiter)) {
    const candidate = join(directory, binary);
    if (directory !== '' && (await isExecutable(candidate))) return candidate;
  }
  return undefined;
}

/** Where a version is kept in a cache. */
export function cachedBinary(cacheDir: string, version: string): string {
  const asset = platformAsset(version);
  return join(cacheDir, asset.folder, asset.binary);
}

/** The versions for this platform in a cache, newest first. */
export async function cachedVersions(cacheDir: string): Promise<string[]> {
  const folders = await readdir(cacheDir).catch(() => []);
  const [prefix = '', suffix = ''] = platformAsset('/').folder.split('/');
  const versions = folders
    .filter((folder) => folder.startsWith(prefix) && folder.endsWith(suffix))
    .map((folder) => folder.slice(prefix.length, -suffix.length))
    .filter((version) => findVersion(version) === version);
  const present = await Promise.all(versions.map(async (version) => isExecutable(cachedBinary(cacheDir, version))));
  return versions.filter((_, index) => present[index]).toSorted((a, b) => compareVersions(b, a));
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
