import { join } from 'node:path';
import { downloadPackage } from './apt-download';
import { findAptSource } from './apt-source';
import { addToCache, withWorkFolder } from './cache-entry';
import { inspectBinary } from './inspect-binary';
import { findOnPath } from './locate';
import { readOsRelease } from './os-release';
import { SourceFailure, type Outcome, type Search } from './source';
import { isSupported } from './supported-versions';

const APT_DIR = '/etc/apt';
// Older suites have servers below the security floor, but this one's binary runs on their libc too.
const SUITE = 'forky';

/** Fetches the distribution's package, where the release is out of reach. */
export async function fromDebianArchive(search: Search): Promise<Outcome> {
  const system = await readOsRelease(search.osReleaseFile);
  if (system.get('ID') !== 'debian') return { reason: 'The Debian archive is only tried on Debian.' };
  search.report(`Fetching nats-server from the Debian archive (${SUITE}) …`);
  try {
    return await fetchPackage(search);
  } catch (error) {
    if (!(error instanceof SourceFailure)) throw error;
    return { reason: `The Debian archive cannot be used: ${error.message}.` };
  }
}

async function fetchPackage({ cacheDir, wanted, signal }: Search): Promise<Outcome> {
  const source = await findAptSource(APT_DIR, SUITE);
  if (source === undefined) throw new SourceFailure(`${APT_DIR} has no source of it`);
  return withWorkFolder(cacheDir, async (folder) => {
    const unpacked = await downloadPackage(folder, source, 'nats-server', signal);
    const binary = await findOnPath(['usr/bin', 'usr/sbin'].map((part) => join(unpacked, part)).join(':'));
    if (binary === undefined) throw new SourceFailure('its package has no binary');
    const inspection = await inspectBinary(binary);
    if (!inspection.runnable) throw new SourceFailure(`its nats-server ${inspection.reason}`);
    const { version } = inspection;
    if (wanted !== undefined && version !== wanted) throw new SourceFailure(`it has ${version}, not ${wanted}`);
    if (!isSupported(version)) throw new SourceFailure(`its ${version} is too old`);
    return { binary: await addToCache(cacheDir, version, binary), version, source: 'Debian archive' };
  });
}
