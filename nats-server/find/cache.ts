import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { NatsServerCacheError } from '../errors';
import { compareVersions, findVersion } from '../version';
import { inspectBinary } from './inspect-binary';
import { isExecutable } from './locate';
import { platformAsset } from './platform-asset';

const WORK_PREFIX = '.work-';
const ABANDONED_AFTER_MS = 60 * 60 * 1000;

/**
 * Runs `work` with a temporary folder in the cache, which is on the same file system as the result.
 */
export async function withWorkFolder<T>(cacheDir: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await createWorkFolder(cacheDir);
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function createWorkFolder(cacheDir: string): Promise<string> {
  try {
    await mkdir(cacheDir, { recursive: true });
    await removeAbandoned(cacheDir);
    return await mkdtemp(join(cacheDir, WORK_PREFIX));
  } catch (cause) {
    throw new NatsServerCacheError(cacheDir, cause);
  }
}

/** Moves a binary into the cache in one step, so that other processes never see part of it. */
export async function addToCache(cacheDir: string, version: string, binary: string): Promise<string> {
  const target = cachedBinary(cacheDir, version);
  await chmod(binary, 0o755);
  await mkdir(dirname(target), { recursive: true });
  await rename(binary, target).catch(async (error: unknown) => {
    // Windows does not replace a running program. The existing one is as good.
    if (!(await inspectBinary(target)).runnable) throw error;
  });
  return target;
}

/** Removes folders that killed processes left behind. Folders of running processes are younger. */
async function removeAbandoned(cacheDir: string): Promise<void> {
  const folders = (await readdir(cacheDir)).filter((name) => name.startsWith(WORK_PREFIX));
  for (const folder of folders) {
    const path = join(cacheDir, folder);
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > ABANDONED_AFTER_MS) await rm(path, { recursive: true, force: true });
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Returns the folder for downloaded binaries in the user's cache. */
export function cacheDirectory(env: Environment = process.env, platform: NodeJS.Platform = process.platform): string {
  return join(userCache(env, platform), 'nest-jetstream');
}

function userCache(env: Environment, platform: NodeJS.Platform): string {
  // A user who sets the XDG variable expects it to work on every platform.
  if (env['XDG_CACHE_HOME']) return env['XDG_CACHE_HOME'];
  if (platform === 'win32') return env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches');
  return join(homedir(), '.cache');
}

/** Returns the path of a version in a cache. */
export function cachedBinary(cacheDir: string, version: string): string {
  const asset = platformAsset(version);
  return join(cacheDir, asset.folder, asset.binary);
}

/** Returns the cached versions for this platform, newest first. */
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
