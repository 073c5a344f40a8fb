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
      ? 'messages that were delivered more often already would not be delivered again: let them be handled first, or accept it with ' +
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

/** A push consumer is at work in another instance, and cannot be shared with this one, or not as this one declares it. */
export class ConsumerTakenError extends NatsJetStreamError {
  readonly code = 'CONSUMER_TAKEN';

  /** @param deliversTo the subject of the other instance, where this one needs another; undefined when it is the same */
  constructor(
    readonly durable: string,
    stream: string,
    deliversTo?: string,
  ) {
    super(
      deliversTo === undefined
        ? `Consumer '${durable}' of stream '${stream}' delivers to another instance already, and with flowControl or idleHeartbeat ` +
            `a push consumer has one only: leave these out to share its messages, set 'durable: false' for everything in each, ` +
            `or end the other instance.`
        : `Consumer '${durable}' of stream '${stream}' delivers to '${deliversTo}' in another instance, and the server moves it to ` +
            `another subject only while nobody is there: keep deliverTo and inboxPrefix, or end the other instance.`,
      { value: durable },
    );
  }
}
