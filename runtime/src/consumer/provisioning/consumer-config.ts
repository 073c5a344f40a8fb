import { AckPolicy, DeliverPolicy, type ConsumerConfig } from '@nats-io/jetstream';
import { NANOS_PER_MILLI } from '../../errors/duration-text';
import type { ConsumerDefinition } from '../consumer-definition';
import type { ConsumerSettings } from '../options/consumer-settings';
import { deliveryConfig } from '../options/delivery';
import { pinningConfig } from '../options/pinning';

/** Longer than a restart of the server, because the consumer then has no clients. */
const EPHEMERAL_THRESHOLD_NANOS = 60_000 * NANOS_PER_MILLI;

/**
 * Metadata key of the declared start position. A recreated consumer starts at another position.
 */
export const START_KEY = 'nest-jetstream.start';
/** Metadata key of the consumer of redriven messages, which `JetStreamAdmin.redrive` sets. */
export const REDRIVE_KEY = 'nest-jetstream.redrive';
/** Metadata key of the `id` of the service that the durable belongs to. */
export const SERVICE_KEY = 'nest-jetstream.service';
/**
 * Metadata key of the list of declared keys. It allows removing a key that is no longer declared.
 */
export const METADATA_KEYS = 'nest-jetstream.metadata';

export type DesiredConsumer = ReturnType<typeof toConsumerConfig>;

/**
 * `consumer_limits` of the stream: defaults and maximum values of its consumers.
 */
export interface StreamConsumerLimits {
  readonly max_ack_pending?: number;
  readonly inactive_threshold?: number;
}

/**
 * Returns the server configuration of a consumer. It always has an `ack_policy`, because the
 * default of nats.js 3 and the server is `none`. It always has `max_deliver: -1`, because the
 * transport counts deliveries itself.
 */
export function toConsumerConfig(definition: ConsumerDefinition, limits: StreamConsumerLimits = {}) {
  const { durable, subjects, settings, inboxPrefix, ephemeral = false } = definition;
  const { ackPolicy, serverConfig } = settings;
  const isAcknowledged = ackPolicy !== AckPolicy.None;
  const config: Partial<ConsumerConfig> = {
    ...(ephemeral ? {} : { durable_name: durable }),
    name: durable,
    filter_subjects: [...subjects],
    ...(isAcknowledged && !serverConfig.backoff ? { ack_wait: settings.ackWaitMs * NANOS_PER_MILLI } : {}),
    ...inactiveThreshold(ephemeral, limits),
    ...serverConfig,
    ...maxAckPending(settings, limits),
    ...deliveryConfig(settings.delivery, durable, inboxPrefix),
    ...pinningConfig(settings.pinned),
  };
  return {
    ...config,
    max_deliver: -1,
    ack_policy: ackPolicy,
    replay_policy: settings.replayPolicy,
    ...settings.start.fields(),
    metadata: { ...settings.metadata, ...ownership(definition), [START_KEY]: settings.start.key },
  };
}

/** Returns the configuration without defaults. Another owner of the consumer may choose these. */
export function declaredConsumerConfig(definition: ConsumerDefinition): DesiredConsumer {
  const config = toConsumerConfig(definition);
  const { pinned, serverConfig } = definition.settings;
  if (!pinned && serverConfig.max_ack_pending === undefined) delete config.max_ack_pending;
  return config;
}

/**
 * Returns the metadata that marks a durable as owned by this service: its id and its declared keys.
 */
export function ownership({
  service,
  ephemeral,
  settings,
}: Pick<ConsumerDefinition, 'service' | 'ephemeral' | 'settings'>): Record<string, string> {
  if (ephemeral) return {};
  const keys = Object.keys(settings.metadata).toSorted();
  return {
    ...(service === undefined ? {} : { [SERVICE_KEY]: service }),
    ...(keys.length === 0 ? {} : { [METADATA_KEYS]: JSON.stringify(keys) }),
  };
}

/** Returns the same configuration with a start at this sequence. */
export function resumingAt(sequence: number, desired: DesiredConsumer): Partial<ConsumerConfig> {
  const config: Partial<ConsumerConfig> = {
    ...desired,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: sequence,
  };
  delete config.opt_start_time;
  return config;
}

/**
 * Limits a pinned consumer to `prefetch`, so that an instance never leaves more messages behind.
 */
function maxAckPending(
  { pinned, prefetch, serverConfig, defaultMaxAckPending }: ConsumerSettings,
  { max_ack_pending: limit = 0 }: StreamConsumerLimits,
): Partial<ConsumerConfig> {
  if (defaultMaxAckPending === undefined) return {};
  const { max_ack_pending: declared } = serverConfig;
  if (declared !== undefined) return { max_ack_pending: pinned ? Math.min(declared, prefetch) : declared };
  return { max_ack_pending: limit > 0 ? Math.min(defaultMaxAckPending, limit) : defaultMaxAckPending };
}

function inactiveThreshold(
  ephemeral: boolean,
  { inactive_threshold: limit = 0 }: StreamConsumerLimits,
): Partial<ConsumerConfig> {
  if (limit <= 0) return ephemeral ? { inactive_threshold: EPHEMERAL_THRESHOLD_NANOS } : {};
  return { inactive_threshold: ephemeral ? Math.min(EPHEMERAL_THRESHOLD_NANOS, limit) : limit };
}
