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
