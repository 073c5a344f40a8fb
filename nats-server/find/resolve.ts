import { cacheDirectory } from './cache';
import { NatsServerNotFoundError, NatsServerTooOldError } from '../errors';
import { fromCache, fromEnvironment, fromPath } from './local-sources';
import { fromRelease } from './release';
import type { NatsServerSource, Search, Source } from './source';
import { DEFAULT_VERSION, isSupported, securityWarning } from '../version';

const OFFICIAL_RELEASES = 'https://github.com/nats-io/nats-server/releases/download';
const SOURCES: readonly Source[] = [fromEnvironment, fromPath, fromCache, fromRelease];

export interface ResolveNatsServerOptions {
  /**
   * Version to use, such as `2.15.1`. Default: any installed version that is supported, else 2.15.1
   * is downloaded.
   */
  readonly version?: string;
  /** Base URL of the releases. Default: NATS_SERVER_RELEASE_BASE, else the official releases. */
  readonly releaseBase?: string;
  /** Folder for downloaded binaries. Default: nest-jetstream in the user's cache. */
  readonly cacheDir?: string;
  /** Environment with NATS_SERVER, PATH and similar variables. Default: that of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Receives a line for each slow or failed step. Default: no output. */
  readonly report?: (message: string) => void;
  /** Stops a download and removes its files. */
  readonly signal?: AbortSignal;
}

export interface ResolvedNatsServer {
  readonly binary: string;
  readonly version: string;
  readonly source: NatsServerSource;
  /** Warning about a version that works but should be updated. */
  readonly warning?: string;
}

/**
 * Finds a supported nats-server in NATS_SERVER, on PATH, in the cache, or in the official releases.
 * Downloads are stored in the cache.
 * @throws NatsServerNotFoundError if no source has one, with the reason of each
 * @throws NatsServerNotRunnableError, NatsServerTooOldError, NatsServerVersionMismatchError for a
 * binary that the user chose
 * @throws ReleaseChecksumError if a download does not match its checksum
 */
export async function resolveNatsServer(options: ResolveNatsServerOptions = {}): Promise<ResolvedNatsServer> {
  const search = searchFor(options);
  if (search.wanted !== undefined && !isSupported(search.wanted))
    throw new NatsServerTooOldError(search.wanted, search.wanted, 'The requested version');
  const reasons: string[] = [];
  for (const source of SOURCES) {
    search.signal.throwIfAborted();
    const outcome = await source(search);
    if ('binary' in outcome) {
      const warning = securityWarning(outcome.version);
      return warning === undefined ? outcome : { ...outcome, warning };
    }
    reasons.push(outcome.reason);
  }
  throw new NatsServerNotFoundError(search.wanted ?? DEFAULT_VERSION, reasons);
}

function searchFor(options: ResolveNatsServerOptions): Search {
  const env = options.env ?? process.env;
  return {
    wanted: options.version,
    env,
    cacheDir: options.cacheDir ?? cacheDirectory(env),
    releaseBase: options.releaseBase ?? (env['NATS_SERVER_RELEASE_BASE'] || OFFICIAL_RELEASES),
    signal: options.signal ?? new AbortController().signal,
    report: options.report ?? (() => undefined),
  };
}
