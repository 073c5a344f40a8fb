import { isDeepStrictEqual } from 'node:util';
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
const FIXED = ['ack_policy', 'replay_policy'] as const;
const UPDATABLE = ['ack_wait', 'filter_subjects', 'max_deliver'] as const;
/** Where this consumer was asked to begin, kept on the server: a consumer made anew begins elsewhere than its declaration. */
const START_KEY = 'nest-jetstream.start';

/**
 * Creates the durable, or brings an existing one up to date. `resumeAt` is where to begin when it has to be made anew.
 * @throws ConsumerDriftError (`CONSUMER_DRIFT`) when it exists with settings that the server cannot change.
 */
export async function ensureConsumer(
  manager: JetStreamManager,
  stream: string,
  definition: ConsumerDefinition,
  resumeAt?: number,
): Promise<ConsumerInfo> {
  const desired = toConsumerConfig(definition);
  const existing = await findConsumer(manager, stream, definition.durable);
  if (!existing) return manager.consumers.add(stream, { ...desired, ...start(resumeAt) });
  assertNoDrift(existing, desired, definition.durable);
  const changed = UPDATABLE.filter((field) => !isDeepStrictEqual(effective(existing.config)[field], desired[field]));
  if (changed.length === 0) return existing;
  const update = Object.fromEntries(changed.map((field) => [field, desired[field]]));
  // nats.js sends the old configuration with the changes, and the server refuses both forms of the filter together.
  if (changed.includes('filter_subjects')) Object.assign(update, { filter_subject: undefined });
  return manager.consumers.update(stream, definition.durable, update);
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
function toConsumerConfig({ durable, subjects, settings }: ConsumerDefinition) {
  return {
    durable_name: durable,
    name: durable,
    filter_subjects: [...subjects],
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    replay_policy: ReplayPolicy.Instant,
    ack_wait: settings.ackWaitMs * NANOS_PER_MILLI,
    max_deliver: settings.maxDeliver,
    metadata: { [START_KEY]: DeliverPolicy.All },
  } satisfies Partial<ConsumerConfig>;
}

function start(resumeAt: number | undefined): Partial<ConsumerConfig> {
  if (resumeAt === undefined) return {};
  return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: resumeAt };
}

function assertNoDrift({ config, stream_name }: ConsumerInfo, desired: DesiredConsumer, durable: string): void {
  for (const field of FIXED) {
    if (config[field] !== desired[field]) {
      throw new ConsumerDriftError(durable, stream_name, field, desired[field], config[field]);
    }
  }
  const declaredStart = config.metadata?.[START_KEY] ?? config.deliver_policy;
  if (declaredStart !== desired.metadata[START_KEY]) {
    throw new ConsumerDriftError(durable, stream_name, 'deliver_policy', desired.deliver_policy, config.deliver_policy);
  }
  if (config.deliver_subject) {
    throw new ConsumerDriftError(durable, stream_name, 'deliver_subject', undefined, config.deliver_subject);
  }
}

/** The server gives a single filter back in its older form, whichever way it was sent. */
function effective(config: ConsumerConfig): Partial<ConsumerConfig> {
  return config.filter_subject ? { ...config, filter_subjects: [config.filter_subject] } : config;
}
