import { driftText, type Drift } from './drift';
import { failureText } from './thrown-value';
import { NatsJetStreamError } from './nats-jetstream.error';

/** A durable consumer exists on the server with settings that the server cannot change. */
export class ConsumerDriftError extends NatsJetStreamError {
  readonly code = 'CONSUMER_DRIFT';

  constructor(
    readonly durable: string,
    stream: string,
    readonly drift: readonly Drift[],
  ) {
    super(
      `Durable '${durable}' of stream '${stream}' differs from its declaration, and the server cannot change it ` +
        `(${driftText(drift)}). Declare what the server has, give the handler another 'durable', or delete this one with ` +
        `JetStreamAdmin.deleteConsumer('${stream}', '${durable}'), which loses its position in the stream.`,
      { value: durable },
    );
  }
}

/** Reason of a {@link ConsumerTakenError}. */
export type ConsumerTaker =
  /**
   * Another instance uses the push consumer. `deliversTo` is its subject if this instance needs a
   * different one.
   */
  | { readonly by: 'instance'; readonly deliversTo?: string | undefined }
  /** The durable is marked with the `id` of another service. */
  | {
      readonly by: 'service';
      readonly owner: string;
      /** `id` of this service. */
      readonly service: string | undefined;
      readonly handler: string;
    };

/** The durable belongs to another service, or is a push consumer that another instance uses. */
export class ConsumerTakenError extends NatsJetStreamError {
  readonly code = 'CONSUMER_TAKEN';

  constructor(
    readonly durable: string,
    readonly stream: string,
    taker: ConsumerTaker,
  ) {
    super(takenText(`'${durable}' of stream '${stream}'`, stream, durable, taker), { value: durable });
  }
}

/** Parts of the message of a {@link ConsumerRefusedError}. */
export interface RefusedConsumer {
  /** Completes "Cannot ...". */
  readonly what: string;
  readonly durable: string;
  readonly stream: string;
  readonly handler: string;
}

/** The server refused to create, update or read a durable; `cause` is its answer. */
export class ConsumerRefusedError extends NatsJetStreamError {
  readonly code = 'CONSUMER_REFUSED';
  readonly durable: string;
  readonly stream: string;
  readonly handler: string;

  constructor({ what, durable, stream, handler }: RefusedConsumer, remedy: string, cause: Error & { code: number }) {
    super(`Cannot ${what}. The server answered "${failureText(cause.message)}" (${cause.code}). ${remedy}.`, {
      value: durable,
      cause,
    });
    this.durable = durable;
    this.stream = stream;
    this.handler = handler;
  }
}

/** Several streams store the messages of a handler that can read only one stream. */
export class AmbiguousStreamError extends NatsJetStreamError {
  readonly code = 'AMBIGUOUS_STREAM';

  /** @param why completes "... cannot read several streams, because" */
  constructor(
    handler: string,
    subjects: readonly string[],
    readonly streams: readonly string[],
    why: string,
  ) {
    super(
      `Streams '${streams.join("', '")}' store messages of '${subjects.join("', '")}'. ${handler} cannot read several ` +
        `streams, because ${why}. Name one of them with the option 'stream', or declare one handler for each.`,
      { value: [...streams] },
    );
  }
}

function takenText(what: string, stream: string, durable: string, taker: ConsumerTaker): string {
  if (taker.by === 'instance') {
    return taker.deliversTo === undefined
      ? `Consumer ${what} already delivers to another instance. A push consumer with flowControl or idleHeartbeat has one ` +
          `instance only. Remove these options to share its messages, set 'durable: false' to receive all messages in each ` +
          `instance, or stop the other instance.`
      : `Consumer ${what} delivers to '${taker.deliversTo}' in another instance. The server changes the subject only while ` +
          `no instance is subscribed. Keep deliverTo and inboxPrefix, or stop the other instance.`;
  }
  const { owner, service, handler } = taker;
  const self = service === undefined ? 'a service without an id' : `service '${service}'`;
  const remedy =
    service === undefined
      ? `set id: '${owner}' if this is the same service`
      : `hand it over with JetStreamAdmin.assignConsumer('${stream}', '${durable}', '${service}')`;
  return (
    `Durable ${what} belongs to service '${owner}', so ${handler} of ${self} cannot use it. Each service would receive only ` +
    `some of the messages. Give the handler another 'durable', or ${remedy}.`
  );
}
