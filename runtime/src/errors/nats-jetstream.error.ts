import { inspect, type InspectOptions } from 'node:util';

/** What an error knows besides its message. */
export interface NatsJetStreamErrorDetails {
  /** The value that was refused or that failed, for programs; the message repeats it for people. */
  readonly value?: unknown;
  /** What it came from. */
  readonly cause?: unknown;
}

/** The build puts it there, so that it is of this very version, and can be read without a network. */
const TROUBLESHOOTING = 'node_modules/@nest-jetstream/transport/dist/troubleshooting.md';

/**
 * Base of every error that this package throws. Tell errors apart by `code`, which is stable; messages are for people.
 * Each message names the offending thing and the remedy.
 */
export abstract class NatsJetStreamError extends Error {
  /** Stable, and a heading of docs/troubleshooting.md. */
  abstract readonly code: string;
  /** The value that was refused or that failed. */
  readonly value: unknown;

  constructor(message: string, { value, cause }: NatsJetStreamErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.value = value;
  }

  /** Where the code is explained: a file of this package, and its heading. */
  get help(): string {
    return `${TROUBLESHOOTING}#${this.code.toLowerCase()}`;
  }

  /** What logs and consoles show: the error, and where to read more. Kept out of the message, which often stands in a line of log. */
  [inspect.custom](_depth: number, options: InspectOptions): string {
    return `${inspect(this, { ...options, customInspect: false })}\n  help: ${this.help}`;
  }
}
