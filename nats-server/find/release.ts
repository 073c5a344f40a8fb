import { join } from 'node:path';
import { addToCache, withWorkFolder } from './cache';
import { extractArchive } from './archive';
import { findChecksum } from './archive';
import { downloadFile, downloadText } from './download';
import { ReleaseChecksumError } from '../errors';
import { inspectBinary } from './inspect-binary';
import { platformAsset } from './platform-asset';
import { SourceFailure, type Outcome, type Search } from './source';
import { DEFAULT_VERSION } from '../version';

/** Downloads a release and verifies it against its SHA256SUMS. */
export async function fromRelease(search: Search): Promise<Outcome> {
  const version = search.wanted ?? DEFAULT_VERSION;
  const base = `${search.releaseBase.replace(/\/+$/, '')}/v${version}`;
  search.report(`Downloading nats-server ${version} from ${base} …`);
  const outcome = await fetchRelease(search, version, base);
  if ('reason' in outcome) search.report(outcome.reason);
  return outcome;
}

async function fetchRelease({ cacheDir, signal }: Search, version: string, base: string): Promise<Outcome> {
  const asset = platformAsset(version);
  const url = `${base}/${asset.archive}`;
  try {
    const expected = findChecksum(await downloadText(`${base}/SHA256SUMS`, signal), asset.archive);
    if (expected === undefined)
      return { reason: `SHA256SUMS of the release at ${base} does not list ${asset.archive}.` };
    return await withWorkFolder(cacheDir, async (folder) => {
      const actual = await downloadFile(url, join(folder, asset.archive), signal);
      if (actual !== expected) throw new ReleaseChecksumError(url, expected, actual);
      await extractArchive(folder, asset.archive, signal);
      const binary = join(folder, asset.folder, asset.binary);
      const inspection = await inspectBinary(binary);
      if (!inspection.runnable)
        return { reason: `${asset.folder}/${asset.binary} of the release ${inspection.reason}.` };
      return { binary: await addToCache(cacheDir, version, binary), version, source: 'release' };
    });
  } catch (error) {
    if (!(error instanceof SourceFailure)) throw error;
    return { reason: `The release at ${base} cannot be used (${error.message}).` };
  }
}
