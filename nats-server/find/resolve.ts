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
   * The version to take, such as `2.15.1`. Default: any supported one that is there, else 2.15.1 is
   * fetched.
   */
  readonly version?: string;
  /**
   * Where releases are fetched from. Default: NATS_SERVER_RELEASE_BASE, else the official releases.
   */
  readonly releaseBase?: string;
  /** Where fetched binaries are kept. Default: the folder nest-jetstream in the user's cache. */
  readonly cacheDir?: string;
  /** Environment to read NATS_SERVER, PATH and the like from. Default: that of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Gets a line for each step that takes a while, or fails. Default: nothing is told. */
  readonly report?: (message: string) => void;
  /** Stops a download; what was fetched so far is removed. */
  readonly signal?: AbortSignal;
}

export interface ResolvedNatsServer {
  readonly binary: string;
  readonly version: string;
  readonly source: NatsServerSource;
  /** Why this version should be updated although it works. */
  readonly warning?: string;
}

/**
 * Finds a nats-server that the transport works with: NATS_SERVER, PATH, the cache, the official
 * release, and on Debian the distribution's archive. What is fetched is kept in the cache.
 *
 * @throws NatsServerNotFoundError when no source has one; it says why for each
 * @throws NatsServerNotRunnableError, NatsServerTooOldError, NatsServerVersionMismatchError about a
 * binary of the user's
 * @throws ReleaseChecksumError when a download is not what its release says
 */
export async function resolveNatsServer(options: ResolveNatsServerOptions = {}): Promise<ResolvedNatsServer> {
  const search = searchFor(options);
  if (search.wanted !== undefined && !isSupported(search.wanted))
    throw new NatsServerTooOldError(search.wanted, search.wanted, 'What was asked for');
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
