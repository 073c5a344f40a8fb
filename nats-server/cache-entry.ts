import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { NatsServerCacheError } from './resolve-errors';
import { inspectBinary } from './inspect-binary';
import { cachedBinary } from './locate';

const WORK_PREFIX = '.work-';
const ABANDONED_AFTER_MS = 60 * 60 * 1000;

/**
 * Runs `work` with a folder of its own in the cache, on the same file system as what becomes of it,
 * and removes it.
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

/**
 * Puts a whole binary into the cache in one step: whoever looks at the same time sees the old one,
 * the new one, or none.
 */
export async function addToCache(cacheDir: string, version: string, binary: string): Promise<string> {
  const target = cachedBinary(cacheDir, version);
  await chmod(binary, 0o755);
  await mkdir(dirname(target), { recursive: true });
  await rename(binary, target).catch(async (error: unknown) => {
    // Windows does not replace a program that runs: then the one that is there serves as well.
    if (!(await inspectBinary(target)).runnable) throw error;
  });
  return target;
}

/** A killed process leaves its folder behind; a running one's is younger than this. */
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
