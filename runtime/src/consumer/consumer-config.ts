import { AckPolicy, DeliverPolicy, type ConsumerConfig } from '@nats-io/jetstream';
import type { ConsumerDefinition } from './consumer-definition';
import { deliveryConfig } from './delivery';
import { pinningConfig } from './pull/pinning';

const NANOS_PER_MILLI = 1_000_000;
/** Kept while nobody uses it: longer than a restart of the server takes. */
const EPHEMERAL_THRESHOLD_MS = 60_000;

/** Where this consumer was asked to begin, kept on the server: a consumer made anew begins elsewhere than its declaration. */
export const START_KEY = 'nest-jetstream.start';
/** The `id` of the service whose handler the durable is for: tells the durables that a rename left behind. */
export const SERVICE_KEY = 'nest-jetstream.service';

export type DesiredConsumer = ReturnType<typeof toConsumerConfig>;

/** The acknowledgement policy is always sent: left out, nats.js v3 and the server make it `none`, and nothing is redelivered. */
export function toConsumerConfig(definition: ConsumerDefinition) {
  const { durable, subjects, settings, inboxPrefix, ephemeral = false } = definition;
  const { ackPolicy, serverConfig } = settings;
  const acknowledged: Partial<ConsumerConfig> = {
    ...(serverConfig.backoff ? {} : { ack_wait: settings.ackWaitMs * NANOS_PER_MILLI }),
    // The transport counts attempts itself: a message that the server gives up is never delivered again.
    max_deliver: -1,
  };
  const config: Partial<ConsumerConfig> = {
    ...(ephemeral ? { inactive_threshold: EPHEMERAL_THRESHOLD_MS * NANOS_PER_MILLI } : { durable_name: durable }),
    name: durable,
    filter_subjects: [...subjects],
    ...(ackPolicy === AckPolicy.None ? {} : acknowledged),
    ...serverConfig,
    ...deliveryConfig(settings.delivery, durable, inboxPrefix),
    ...pinningConfig(settings),
  };
  return {
    ...config,
    ack_policy: ackPolicy,
    replay_policy: settings.replayPolicy,
    ...settings.start.fields(),
    metadata: { ...settings.metadata, ...ownership(definition), [START_KEY]: settings.start.key },
  };
}

/** What says whose a durable is; nothing for a service without an `id`, and for what ends with its process. */
export function ownership({ service, ephemeral }: ConsumerDefinition): Record<string, string> {
  return service === undefined || ephemeral ? {} : { [SERVICE_KEY]: service };
}

/** The same consumer, to begin at this sequence. */
export function resumingAt(sequence: number, desired: DesiredConsumer): Partial<ConsumerConfig> {
  const config: Partial<ConsumerConfig> = {
    ...desired,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: sequence,
  };
  delete config.opt_start_time;
  return config;
}
