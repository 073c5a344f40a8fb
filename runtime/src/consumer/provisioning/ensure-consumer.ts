import { Logger } from '@nestjs/common';
import { JetStreamApiError, type ConsumerConfig, type ConsumerInfo, type JetStreamManager } from '@nats-io/jetstream';
import { ConsumerDriftError, ConsumerTakenError } from '../../errors/consumer.errors';
import { changeText, type Drift } from '../../errors/drift';
import type { ConsumerDefinition } from '../consumer-definition';
import { ownership, REDRIVE_KEY, resumingAt, toConsumerConfig, type DesiredConsumer } from './consumer-config';
import { consumerDrifts, type ConsumerDrifts } from './consumer-drift';
import { explainRefusals } from './consumer-refusal';
import { findConsumer } from './find-consumer';
import { assertOwned } from './ownership';
import { assertNoCycle } from './push-cycle';

const CONSUMER_EXISTS = 10_148;
const MAX_ACK_PENDING_EXCEEDED = 10_121;
const logger = new Logger('NatsJetStreamConsumer');

/**
 * Creates the consumer, or updates an existing one. A durable without an owner is marked as owned
 * by this service.
 * @throws ConsumerTakenError (`CONSUMER_TAKEN`) if the durable belongs to another service, or if it
 * is a push consumer that another instance uses alone or on another subject; ConsumerDriftError
 * (`CONSUMER_DRIFT`) if the server cannot change a setting;
 * ConsumerRefusedError (`CONSUMER_REFUSED`); InvalidOptionError (`INVALID_OPTION`) if it would push
 * into a stream
 */
export async function ensureConsumer(
  manager: JetStreamManager,
  stream: string,
  definition: ConsumerDefinition,
): Promise<ConsumerInfo> {
  const { durable } = definition;
  const existing =
    (await explainRefusals('read', stream, definition, () => findConsumer(manager, stream, durable))) ??
    (await createConsumer(manager, stream, definition));
  assertOwned(existing, definition);
  const { fixed, updatable: changed } = await driftsWithin(manager, existing, definition);
  if (fixed.length > 0) throw new ConsumerDriftError(durable, stream, fixed);
  assertNotBound(existing, toConsumerConfig(definition));
  if (changed.length === 0) return existing;
  if (changed.some(({ field }) => field === 'deliver_subject')) await assertNoCycle(manager, stream, definition);
  await explainRefusals('update', stream, definition, () =>
    withinAckLimit(definition, updateOf(changed), async (update) => manager.consumers.update(stream, durable, update)),
  );
  logger.log(`Updated consumer '${durable}' of stream '${stream}': ${changeText(changed)}.`);
  // If two services found the durable without an owner, the later update wins.
  const updated = await manager.consumers.info(stream, durable);
  assertOwned(updated, definition);
  return updated;
}

/**
 * Creates the consumer. A recreated one starts at the stream sequence `resumeAt`, and still names
 * the consumer of its redriven messages. Returns a consumer that another instance created meanwhile
 * unchanged.
 * @throws ConsumerRefusedError (`CONSUMER_REFUSED`); InvalidOptionError (`INVALID_OPTION`) if it
 * would push into a stream
 */
export async function createConsumer(
  manager: JetStreamManager,
  stream: string,
  definition: ConsumerDefinition,
  resumeAt?: number,
  redrive?: string,
): Promise<ConsumerInfo> {
  await assertNoCycle(manager, stream, definition);
  const usual = toConsumerConfig(definition);
  const kept = redrive === undefined ? {} : { [REDRIVE_KEY]: redrive };
  const declared = { ...usual, metadata: { ...usual.metadata, ...kept } };
  const desired = resumeAt === undefined ? declared : resumingAt(resumeAt, declared);
  return explainRefusals('create', stream, definition, async () => {
    try {
      return await withinAckLimit(definition, desired, async (config) => manager.consumers.add(stream, config));
    } catch (error) {
      const exists = error instanceof JetStreamApiError && error.code === CONSUMER_EXISTS;
      const existing = exists ? await findConsumer(manager, stream, definition.durable) : undefined;
      if (existing) return existing;
      throw error;
    }
  });
}

/** Fields whose defaults are replaced by `consumer_limits` of the stream. */
const LIMITED: ReadonlySet<string> = new Set(['max_ack_pending', 'inactive_threshold']);

/**
 * Compares the consumer with its declaration. Reads the limits of the stream only if they may
 * explain a difference.
 */
async function driftsWithin(
  manager: JetStreamManager,
  existing: ConsumerInfo,
  definition: ConsumerDefinition,
): Promise<ConsumerDrifts> {
  const metadata = { ...definition.settings.metadata, ...ownership(definition) };
  const drifts = consumerDrifts(existing, toConsumerConfig(definition), metadata);
  if (!drifts.updatable.some(({ field }) => LIMITED.has(field))) return drifts;
  const { consumer_limits: limits } = (await manager.streams.info(existing.stream_name)).config;
  return consumerDrifts(existing, toConsumerConfig(definition, limits), metadata);
}

/**
 * Sends a configuration. If the stream, the account or the server limits `max_ack_pending`, the
 * default is left out and the server chooses its limit.
 */
async function withinAckLimit<Config extends Partial<ConsumerConfig>>(
  { settings }: ConsumerDefinition,
  config: Config,
  send: (config: Config) => Promise<ConsumerInfo>,
): Promise<ConsumerInfo> {
  try {
    return await send(config);
  } catch (error) {
    const isExceeded = error instanceof JetStreamApiError && error.code === MAX_ACK_PENDING_EXCEEDED;
    if (!isExceeded || settings.serverConfig.max_ack_pending !== undefined) throw error;
    return send({ ...config, max_ack_pending: undefined });
  }
}

function updateOf(changed: readonly Drift[]): Partial<ConsumerConfig> {
  const update: Partial<ConsumerConfig> = Object.fromEntries(changed.map(({ field, declared }) => [field, declared]));
  // nats.js merges the changes into the old configuration, and the server refuses both forms of the
  // filter together.
  if (update.filter_subjects) Object.assign(update, { filter_subject: undefined });
  return update;
}

/**
 * Refuses a push consumer in use that this instance cannot share. Without a group, the server would
 * deliver every message to both instances, and each would settle the messages of the other.
 */
function assertNotBound({ name, stream_name, push_bound, config }: ConsumerInfo, desired: DesiredConsumer): void {
  if (!push_bound) return;
  if (config.deliver_group === undefined) throw new ConsumerTakenError(name, stream_name, { by: 'instance' });
  const { deliver_subject: deliversTo } = config;
  if (deliversTo !== desired.deliver_subject)
    throw new ConsumerTakenError(name, stream_name, { by: 'instance', deliversTo });
}
