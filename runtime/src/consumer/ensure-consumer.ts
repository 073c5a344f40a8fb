import { isDeepStrictEqual } from 'node:util';
import { Logger } from '@nestjs/common';
import {
  AckPolicy,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type ConsumerConfig,
  type ConsumerInfo,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { ConsumerDriftError, ConsumerTakenError } from '../errors/consumer.errors';
import type { ConsumerDefinition } from './consumer-definition';
import { deliveryConfig } from './delivery';

const logger = new Logger('NatsJetStreamConsumer');
const NANOS_PER_MILLI = 1_000_000;
/** Kept while nobody uses it: longer than a restart of the server takes. */
const EPHEMERAL_THRESHOLD_MS = 60_000;
const FIXED = [
  'ack_policy',
  'replay_policy',
  'max_waiting',
  'mem_storage',
  'idle_heartbeat',
  'flow_control',
  'deliver_group',
] as const;
const UPDATABLE = [
  'ack_wait',
  'filter_subjects',
  'max_deliver',
  'max_ack_pending',
  'sample_freq',
  'rate_limit_bps',
  'description',
  'headers_only',
  'backoff',
  'inactive_threshold',
  'num_replicas',
  'deliver_subject',
] as const;
/** Where this consumer was asked to begin, kept on the server: a consumer made anew begins elsewhere than its declaration. */
const START_KEY = 'nest-jetstream.start';

/**
 * Creates the durable, or brings an existing one up to date. `resumeAt` is where to begin when it has to be made anew.
 * @throws ConsumerDriftError (`CONSUMER_DRIFT`) when it exists with settings that the server cannot change; ConsumerTakenError
 * (`CONSUMER_TAKEN`) when it pushes to one instance only, or to another subject, and another instance is there.
 */
export async function ensureConsumer(
  manager: JetStreamManager,
  stream: string,
  definition: ConsumerDefinition,
  resumeAt?: number,
): Promise<ConsumerInfo> {
  const desired = toConsumerConfig(definition);
  const existing = await findConsumer(manager, stream, definition.durable);
  if (!existing) return manager.consumers.add(stream, resumeAt === undefined ? desired : from(resumeAt, desired));
  assertNoDrift(existing, desired, definition.durable);
  assertNotTaken(existing, desired);
  const actual = effective(existing.config);
  const changed: (keyof ConsumerConfig)[] = UPDATABLE.filter(
    (field) => desired[field] !== undefined && !isDeepStrictEqual(actual[field], desired[field]),
  );
  const metadata = { ...actual.metadata, ...definition.settings.metadata };
  if (!isDeepStrictEqual(actual.metadata ?? {}, metadata)) changed.push('metadata');
  if (changed.length === 0) return existing;
  const update: Partial<ConsumerConfig> = Object.fromEntries(
    changed.map((field) => [field, field === 'metadata' ? metadata : desired[field]]),
  );
  const diff = changed.map((field) => `${field} ${JSON.stringify(actual[field])} → ${JSON.stringify(update[field])}`);
  // nats.js sends the old configuration with the changes, and the server refuses both forms of the filter together.
  if (changed.includes('filter_subjects')) Object.assign(update, { filter_subject: undefined });
  const updated = await manager.consumers.update(stream, definition.durable, update);
  logger.log(`Updated consumer '${definition.durable}' of stream '${stream}': ${diff.join(', ')}.`);
  return updated;
}

export async function findConsumer(
  manager: JetStreamManager,
  stream: string,
  durable: string,
): Promise<ConsumerInfo | undefined> {
  try {
    return await manager.consumers.info(stream, durable);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.ConsumerNotFound) return undefined;
    throw error;
  }
}

type DesiredConsumer = ReturnType<typeof toConsumerConfig>;

/** The acknowledgement policy is always sent: left out, nats.js v3 and the server make it `none`, and nothing is redelivered. */
function toConsumerConfig({ durable, subjects, settings, inboxPrefix, ephemeral = false }: ConsumerDefinition) {
  const { ackPolicy, serverConfig } = settings;
  const acknowledged: Partial<ConsumerConfig> = {
    ...(serverConfig.backoff ? {} : { ack_wait: settings.ackWaitMs * NANOS_PER_MILLI }),
    max_deliver: settings.maxDeliver,
  };
  const config: Partial<ConsumerConfig> = {
    ...(ephemeral ? { inactive_threshold: EPHEMERAL_THRESHOLD_MS * NANOS_PER_MILLI } : { durable_name: durable }),
    name: durable,
    filter_subjects: [...subjects],
    ...(ackPolicy === AckPolicy.None ? {} : acknowledged),
    ...serverConfig,
    ...deliveryConfig(settings.delivery, durable, inboxPrefix),
  };
  return {
    ...config,
    ack_policy: ackPolicy,
    replay_policy: settings.replayPolicy,
    ...settings.start.fields(),
    metadata: { ...settings.metadata, [START_KEY]: settings.start.key },
  };
}

function from(sequence: number, desired: Partial<ConsumerConfig>): Partial<ConsumerConfig> {
  const config = { ...desired, deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: sequence };
  delete config.opt_start_time;
  return config;
}

function assertNoDrift({ config, stream_name }: ConsumerInfo, desired: DesiredConsumer, durable: string): void {
  for (const field of FIXED) {
    // What was not said is the server's choice, which it gives back as a value of its own.
    const declared = desired[field] ?? (field === 'max_waiting' ? config[field] : undefined);
    if ((declared || undefined) !== (config[field] || undefined)) {
      throw new ConsumerDriftError(durable, stream_name, field, desired[field], config[field]);
    }
  }
  const declaredStart = config.metadata?.[START_KEY] ?? config.deliver_policy;
  if (declaredStart !== desired.metadata[START_KEY]) {
    throw new ConsumerDriftError(durable, stream_name, 'deliver_policy', desired.metadata[START_KEY], declaredStart);
  }
  if ((config.deliver_subject === undefined) !== (desired.deliver_subject === undefined)) {
    const { deliver_subject: declared } = desired;
    throw new ConsumerDriftError(durable, stream_name, 'deliver_subject', declared, config.deliver_subject);
  }
}

/** Without a group the server would deliver every message to both, and each would settle what the other works on. */
function assertNotTaken({ name, stream_name, push_bound, config }: ConsumerInfo, desired: DesiredConsumer): void {
  if (!push_bound) return;
  if (config.deliver_group === undefined) throw new ConsumerTakenError(name, stream_name);
  if (config.deliver_subject !== desired.deliver_subject)
    throw new ConsumerTakenError(name, stream_name, config.deliver_subject);
}

/** The server gives a single filter back in its older form, whichever way it was sent. */
function effective(config: ConsumerConfig): Partial<ConsumerConfig> {
  return config.filter_subject ? { ...config, filter_subjects: [config.filter_subject] } : config;
}
