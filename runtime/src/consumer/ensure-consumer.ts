import {
  AckPolicy,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  ReplayPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { ConsumerDriftError } from '../errors/consumer.errors';
import type { ConsumerDefinition } from './consumer-definition';

const NANOS_PER_MILLI = 1_000_000;
const FIXED = ['ack_policy', 'deliver_policy', 'replay_policy'] as const;

/**
 * Creates the durable, or brings an existing one up to date.
 * @throws ConsumerDriftError (`CONSUMER_DRIFT`) when it exists with settings that the server cannot change.
 */
export async function ensureConsumer(
  manager: JetStreamManager,
  stream: string,
  definition: ConsumerDefinition,
): Promise<void> {
  const desired = toConsumerConfig(definition);
  const existing = await find(manager, stream, definition.durable);
  if (!existing) {
    await manager.consumers.add(stream, desired);
    return;
  }
  const { config } = existing;
  for (const field of FIXED) {
    if (config[field] !== desired[field]) {
      throw new ConsumerDriftError(definition.durable, stream, field, desired[field], config[field]);
    }
  }
  if (config.deliver_subject) {
    throw new ConsumerDriftError(definition.durable, stream, 'deliver_subject', null, config.deliver_subject);
  }
  if (config.ack_wait === desired.ack_wait && config.filter_subject === desired.filter_subject) return;
  await manager.consumers.update(stream, definition.durable, {
    ack_wait: desired.ack_wait,
    filter_subject: desired.filter_subject,
  });
}

/** The acknowledgement policy is always sent: left out, nats.js v3 and the server make it `none`, and nothing is redelivered. */
function toConsumerConfig({ durable, subject, settings }: ConsumerDefinition) {
  return {
    durable_name: durable,
    name: durable,
    filter_subject: subject,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    replay_policy: ReplayPolicy.Instant,
    ack_wait: settings.ackWaitMs * NANOS_PER_MILLI,
  } satisfies Partial<ConsumerConfig>;
}

async function find(manager: JetStreamManager, stream: string, durable: string): Promise<ConsumerInfo | undefined> {
  try {
    return await manager.consumers.info(stream, durable);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.ConsumerNotFound) return undefined;
    throw error;
  }
}
