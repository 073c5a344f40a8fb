import { NatsServerNotRunnableError, NatsServerTooOldError, NatsServerVersionMismatchError } from '../errors';
import { inspectBinary } from './inspect-binary';
import { cachedBinary, cachedVersions } from './cache';
import { findOnPath } from './locate';
import type { Outcome, Search } from './source';
import { DEFAULT_VERSION, isSupported } from '../version';

// A binary that the user named or installed is used or refused, but never skipped silently.

export async function fromEnvironment({ env, wanted }: Search): Promise<Outcome> {
  const binary = env['NATS_SERVER'];
  if (!binary) return { reason: 'NATS_SERVER is not set.' };
  const version = await inspectOrThrow(binary, 'NATS_SERVER');
  if (wanted !== undefined && version !== wanted) throw new NatsServerVersionMismatchError(binary, version, wanted);
  refuseTooOld(binary, version, 'NATS_SERVER');
  return { binary, version, source: 'NATS_SERVER' };
}

export async function fromPath({ env, wanted }: Search): Promise<Outcome> {
  const binary = await findOnPath(env['PATH'] ?? '');
  if (binary === undefined) return { reason: 'PATH has no nats-server.' };
  const version = await inspectOrThrow(binary, 'PATH');
  if (wanted !== undefined && version !== wanted)
    return { reason: `PATH has ${binary}, which is ${version}, not ${wanted}.` };
  refuseTooOld(binary, version, 'PATH');
  return { binary, version, source: 'PATH' };
}

export async function fromCache({ cacheDir, wanted }: Search): Promise<Outcome> {
  const present = (await cachedVersions(cacheDir)).filter((version) =>
    wanted === undefined ? isSupported(version) : version === wanted,
  );
  const [version] = present.includes(DEFAULT_VERSION) ? [DEFAULT_VERSION] : present;
  if (version === undefined) return { reason: `The cache ${cacheDir} has no ${wanted ?? 'supported'} version.` };
  const binary = cachedBinary(cacheDir, version);
  const inspection = await inspectBinary(binary);
  if (!inspection.runnable) return { reason: `The cache has ${binary}, which ${inspection.reason}.` };
  return { binary, version: inspection.version, source: 'cache' };
}

async function inspectOrThrow(binary: string, origin: string): Promise<string> {
  const inspection = await inspectBinary(binary);
  if (inspection.runnable) return inspection.version;
  throw new NatsServerNotRunnableError(binary, origin, inspection.reason, inspection.cause);
}

function refuseTooOld(binary: string, version: string, origin: string): void {
  if (!isSupported(version)) throw new NatsServerTooOldError(binary, version, `${binary} (from ${origin})`);
}
