import { NatsJetStreamError } from './nats-jetstream.error';

/** A durable consumer exists on the server with settings that cannot be changed. */
export class ConsumerDriftError extends NatsJetStreamError {
  readonly code = 'CONSUMER_DRIFT';

  constructor(
    readonly durable: string,
    stream: string,
    field: string,
    declared: unknown,
    actual: unknown,
  ) {
    super(
      `Durable '${durable}' of stream '${stream}' has ${field} ${JSON.stringify(actual)}, and this handler needs ` +
        `${JSON.stringify(declared)}, which the server cannot change: give the handler another 'durable', or delete the ` +
        `consumer (its position in the stream is then lost).`,
      { value: durable },
    );
  }
}

/** A push consumer without a group is at work in another instance. */
export class ConsumerTakenError extends NatsJetStreamError {
  readonly code = 'CONSUMER_TAKEN';

  constructor(
    readonly durable: string,
    stream: string,
  ) {
    super(
      `Consumer '${durable}' of stream '${stream}' delivers to another instance already, and with flowControl or idleHeartbeat ` +
        `a push consumer has one only: leave these out to share its messages, set 'durable: false' for everything in each, ` +
        `or end the other instance.`,
      { value: durable },
    );
  }
}
