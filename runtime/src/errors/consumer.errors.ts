import { driftText, type Drift } from './drift';
import { NatsJetStreamError } from './nats-jetstream.error';

/** A durable consumer exists on the server with settings that cannot be changed, or not without stranding messages. */
export class ConsumerDriftError extends NatsJetStreamError {
  readonly code = 'CONSUMER_DRIFT';

  /** @param canAllow whether `allowDataLoss` lets all of it through */
  constructor(
    readonly durable: string,
    stream: string,
    readonly drift: readonly Drift[],
    canAllow: boolean,
  ) {
    const why = canAllow
      ? 'messages that were delivered more often already would be stuck: let them be handled first, or accept it with ' +
        "allowDataLoss: ['maxDeliver']"
      : "the server cannot change that: give the handler another 'durable', or remove this one with " +
        `JetStreamAdmin.deleteConsumer('${stream}', '${durable}') (its position in the stream is then lost)`;
    super(
      `Durable '${durable}' of stream '${stream}' differs from its declaration (${driftText(drift)}), and ${why}.`,
      {
        value: durable,
      },
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
