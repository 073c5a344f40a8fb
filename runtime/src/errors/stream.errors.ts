import { driftText, type Drift } from './drift';
import { NatsJetStreamError } from './nats-jetstream.error';

/** The stream on the server differs from its declaration in a way that cannot be changed, or not without losing messages. */
export class StreamDriftError extends NatsJetStreamError {
  readonly code = 'STREAM_DRIFT';

  /** @param lossy what `allowDataLoss` may name to let the change through */
  constructor(
    readonly stream: string,
    readonly drift: readonly Drift[],
    lossy: readonly string[],
  ) {
    const consent = lossy.length === 0 ? '' : `, accept the loss by naming ${lossy.join(', ')} in allowDataLoss`;
    super(
      `Stream '${stream}' on the server differs from its declaration, and the change could drop messages or is not ` +
        `possible: ${driftText(drift)}. Declare what the server has${consent}, or change the stream by hand first.`,
      { value: stream },
    );
  }
}

/** The server refused to create or to update a declared stream; `cause` is its answer. */
export class StreamProvisioningError extends NatsJetStreamError {
  readonly code = 'STREAM_PROVISIONING';

  constructor(
    readonly stream: string,
    cause: unknown,
  ) {
    super(
      `Stream '${stream}' could not be created or updated: ${cause instanceof Error ? cause.message : String(cause)}. ` +
        `Check its declaration, and what the user of the connection may do.`,
      { value: stream, cause },
    );
  }
}

/** Two declarations of one stream name that differ. */
export class StreamDeclaredTwiceError extends NatsJetStreamError {
  readonly code = 'STREAM_DECLARED_TWICE';

  constructor(readonly stream: string) {
    super(`Stream '${stream}' is declared twice with different options: keep one declaration and import it.`, {
      value: stream,
    });
  }
}

/** A subject of a declared stream is stored by another stream already; the server allows one stream a subject. */
export class StreamOverlapError extends NatsJetStreamError {
  readonly code = 'STREAM_OVERLAP';

  constructor(
    readonly stream: string,
    subject: string,
    readonly other: string,
  ) {
    super(
      `Stream '${stream}' cannot store '${subject}': stream '${other}' stores it, or a part of it, already. ` +
        `Narrow the subjects of one of them, or declare '${other}' instead.`,
      { value: subject },
    );
  }
}
