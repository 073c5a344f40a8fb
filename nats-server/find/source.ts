export type NatsServerSource = 'NATS_SERVER' | 'PATH' | 'cache' | 'release';

/** Input of every source. */
export interface Search {
  /** Requested version. Undefined allows any supported version. */
  readonly wanted: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cacheDir: string;
  readonly releaseBase: string;
  readonly signal: AbortSignal;
  /** Reports a step that takes a while. */
  readonly report: (message: string) => void;
}

export type Outcome =
  | { readonly binary: string; readonly version: string; readonly source: NatsServerSource }
  /** Reason why this source has no binary, as a sentence. */
  | { readonly reason: string };

export type Source = (search: Search) => Promise<Outcome>;

/** Failure of a source, after which the next source is tried. The message has no full stop. */
export class SourceFailure extends Error {
  override readonly name = 'SourceFailure';
}
