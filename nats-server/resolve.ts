import { cacheDirectory } from './cache-directory';
import {
  NatsServerNotFoundError,
  NatsServerNotRunnableError,
  NatsServerTooOldError,
  NatsServerVersionMismatchError,
} from './errors';
import { inspectBinary } from './inspect-binary';
import { cachedBinary, cachedVersions, findOnPath } from './locate';
import { DEFAULT_VERSION, isSupported, securityWarning } from './supported-versions';

export type NatsServerSource = 'NATS_SERVER' | 'PATH' | 'cache' | 'release' | 'Debian archive';

export interface ResolveNatsServerOptions {
  /** The version to take, such as `2.15.1`. Default: any supported one that is there, else 2.15.1 is fetched. */
  readonly version?: string;
  /** Where fetched binaries are kept. Default: the folder nest-jetstream in the user's cache. */
  readonly cacheDir?: string;
  /** Environment to read NATS_SERVER, PATH and the cache's place from. Default: that of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Gets a line a step, also about sources that were tried in vain. */
  readonly report?: (message: string) => void;
}

export interface ResolvedNatsServer {
  readonly binary: string;
  readonly version: string;
  readonly source: NatsServerSource;
  /** Why this version should be updated although it works. */
  readonly warning?: string;
}

interface Search extends ResolveNatsServerOptions {
  readonly env: NonNullable<ResolveNatsServerOptions['env']>;
  readonly cacheDir: string;
  readonly skip: (reason: string) => undefined;
}

/**
 * Finds a nats-server that the transport works with: NATS_SERVER, PATH, the cache.
 *
 * @throws NatsServerNotRunnableError, NatsServerTooOldError, NatsServerVersionMismatchError, NatsServerNotFoundError
 */
export async function resolveNatsServer(options: ResolveNatsServerOptions = {}): Promise<ResolvedNatsServer> {
  const env = options.env ?? process.env;
  const attempts: string[] = [];
  const skip = (reason: string): undefined => {
    attempts.push(reason);
    options.report?.(reason);
  };
  const search: Search = { ...options, env, cacheDir: options.cacheDir ?? cacheDirectory(env), skip };
  for (const source of [fromEnvironment, fromPath, fromCache]) {
    const found = await source(search);
    if (found !== undefined) return withWarning(found);
  }
  throw new NatsServerNotFoundError(options.version ?? DEFAULT_VERSION, attempts);
}

type Found = Omit<ResolvedNatsServer, 'warning'>;

async function fromEnvironment({ env, version: wanted, skip }: Search): Promise<Found | undefined> {
  const binary = env['NATS_SERVER'];
  if (!binary) return skip('NATS_SERVER is not set.');
  const version = await inspectOrThrow(binary, 'NATS_SERVER');
  if (wanted !== undefined && version !== wanted) throw new NatsServerVersionMismatchError(binary, version, wanted);
  return { binary, version: supported(binary, version, 'NATS_SERVER'), source: 'NATS_SERVER' };
}

async function fromPath({ env, version: wanted, skip }: Search): Promise<Found | undefined> {
  const binary = await findOnPath(env['PATH'] ?? '');
  if (binary === undefined) return skip('PATH has no nats-server.');
  const version = await inspectOrThrow(binary, 'PATH');
  if (wanted !== undefined && version !== wanted)
    return skip(`PATH has ${binary}, which is ${version}, not ${wanted}.`);
  return { binary, version: supported(binary, version, 'PATH'), source: 'PATH' };
}

async function fromCache({ cacheDir, version: wanted, skip }: Search): Promise<Found | undefined> {
  const present = (await cachedVersions(cacheDir)).filter((version) =>
    wanted === undefined ? isSupported(version) : version === wanted,
  );
  const [version] = present.includes(DEFAULT_VERSION) ? [DEFAULT_VERSION] : present;
  if (version === undefined) return skip(`The cache ${cacheDir} has no ${wanted ?? 'supported'} version.`);
  const binary = cachedBinary(cacheDir, version);
  const inspection = await inspectBinary(binary);
  if (!inspection.runnable) return skip(`The cache has ${binary}, which ${inspection.reason}.`);
  return { binary, version: inspection.version, source: 'cache' };
}

async function inspectOrThrow(binary: string, origin: string): Promise<string> {
  const inspection = await inspectBinary(binary);
  if (inspection.runnable) return inspection.version;
  throw new NatsServerNotRunnableError(binary, origin, inspection.reason, inspection.cause);
}

function supported(binary: string, version: string, origin: string): string {
  if (!isSupported(version)) throw new NatsServerTooOldError(binary, version, origin);
  return version;
}

function withWarning(found: Found): ResolvedNatsServer {
  const warning = securityWarning(found.version);
  return warning === undefined ? found : { ...found, warning };
}
