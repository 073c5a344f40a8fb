export type NatsServerSource = 'NATS_SERVER' | 'PATH' | 'cache' | 'release';

/** What every source of a binary is asked with. */
export interface Search {
  /** The version to take; undefined: any supported one. */
  readonly wanted: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cacheDir: string;
  readonly releaseBase: string;
  readonly signal: AbortSignal;
  /** Tells the user about a step that takes a while. */
  readonly report: (message: string) => void;
}

export type Outcome =
  | { readonly binary: string; readonly version: string; readonly source: NatsServerSource }
  /** Why this source has nothing, as a sentence. */
  | { readonly reason: string };

export type Source = (search: Search) => Promise<Outcome>;

/**
 * This source has nothing, so that the next one may be tried; the message ends a sentence, without
 * its full stop.
 */
export class SourceFailure extends Error {
  override readonly name = 'SourceFailure';
}
