import { hasBrand } from './recognize';

const BRAND = Symbol.for('nest-jetstream:error');

/** Properties of an error besides its message. */
export interface NatsJetStreamErrorDetails {
  /** The value that was refused or that failed, for programs; the message repeats it for people. */
  readonly value?: unknown;
  /** What it came from. */
  readonly cause?: unknown;
}

/**
 * The build puts it there, so that it is of this very version, and can be read without a network.
 */
const TROUBLESHOOTING = 'node_modules/@nest-jetstream/transport/dist/troubleshooting.md';

/**
 * Base of every error that this package throws. Tell errors apart by `code`, which is stable;
 * messages are for people. Each message names the offending thing and the remedy.
 */
export abstract class NatsJetStreamError extends Error {
  /** Stable, and a heading of docs/troubleshooting.md. */
  abstract readonly code: string;
  /** The value that was refused or that failed. */
  readonly value: unknown;
  /**
   * Where the error is explained: a file of this package, and its heading. A property of its own,
   * because this is what consoles, loggers and Node itself show of an error beside its message,
   * which often stands in a line of log.
   */
  readonly help: string;

  constructor(message: string, { value, cause }: NatsJetStreamErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.value = value;
    this.help = `${TROUBLESHOOTING}#${headingOf(this.name)}`;
  }
}

Object.defineProperty(NatsJetStreamError.prototype, BRAND, { value: true });

/** Recognizes our errors by their codes, also those of another copy of this package. */
export function isErrorOf(value: unknown, ...codes: readonly string[]): boolean {
  return hasBrand(value, BRAND) && codes.includes((value as NatsJetStreamError).code);
}

/**
 * `InvalidOptionError` is explained under the heading `INVALID_OPTION`. The code itself is not
 * there yet when the base is made.
 */
function headingOf(name: string): string {
  return name
    .replace(/Error$/, '')
    .replace(/(?<=[a-z])(?=[A-Z])/g, '_')
    .toLowerCase();
}
