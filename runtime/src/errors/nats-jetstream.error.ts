import { hasBrand } from './thrown-value';

const BRAND = Symbol.for('nest-jetstream:error');

/** Properties of an error besides its message. */
export interface NatsJetStreamErrorDetails {
  /** The invalid or failed value. The message contains it too. */
  readonly value?: unknown;
  /** Underlying error. */
  readonly cause?: unknown;
}

/** Copied by the build, so that it matches this version and is readable offline. */
const TROUBLESHOOTING = 'node_modules/@nest-jetstream/transport/dist/troubleshooting.md';

/**
 * Base class of all errors of this package. Distinguish errors by `code`, which is stable. Messages
 * contain the invalid value and a remedy, and may change.
 */
export abstract class NatsJetStreamError extends Error {
  /** Stable code, which is also a heading of docs/troubleshooting.md. */
  abstract readonly code: string;
  /** The invalid or failed value. */
  readonly value: unknown;
  /**
   * File of this package and heading that explain the error. It is a separate property, because
   * consoles, loggers and Node print properties after the message.
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
 * Returns the heading of an error, such as `INVALID_OPTION` for `InvalidOptionError`. `code` is not
 * set yet in the base constructor.
 */
function headingOf(name: string): string {
  return name
    .replace(/Error$/, '')
    .replace(/(?<=[a-z])(?=[A-Z])/g, '_')
    .toLowerCase();
}
