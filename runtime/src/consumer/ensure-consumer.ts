import { Logger } from '@nestjs/common';
import { JetStreamApiError, type ConsumerConfig, type ConsumerInfo, type JetStreamManager } from '@nats-io/jetstream';
import { ConsumerDriftError, ConsumerTakenError } from '../errors/consumer.errors';
import { changeText, type Drift } from '../errors/drift';
import { ownership, resumingAt, toConsumerConfig, type DesiredConsumer } from './consumer-config';
import type { ConsumerDefinition } from './consumer-definition';
import { consumerDrifts } from './consumer-drift';
import { assertNoCycle } from './deliver-cycle';
import { findConsumer } from './find-consumer';

const CONSUMER_EXISTS = 10_148;
const logger = new Logger('NatsJetStreamConsumer');

/**
 * Creates the consumer, or brings an existing one up to date.
 * @throws ConsumerDriftError (`CONSUMER_DRIFT`) when it exists with settings that the server cannot change, or that would strand
 * messages; ConsumerTakenError (`CONSUMER_TAKEN`) when it pushes to one instance only, or elsewhere, and another is there; InvalidOptionError
 * (`INVALID_OPTION`) when it would push into a stream.
 */
export async function ensureConsumer(
  manager: JetStreamManager,
  stream: string,
  definition: ConsumerDefinition,
): Promise<ConsumerInfo> {
  const existing =
    (await findConsumer(manager, stream, definition.durable)) ?? (await createConsumer(manager, stream, definition));
  const { settings, durable } = definition;
  const desired = toConsumerConfig(definition);
  const drifts = consumerDrifts(existing, desired, { ...settings.metadata, ...ownership(definition) });
  const allowsLoss = settings.allowDataLoss.includes('maxDeliver');
  const refused = [...drifts.fixed, ...(allowsLoss ? [] : drifts.lossy)];
  if (refused.length > 0) throw new ConsumerDriftError(durable, stream, refused, drifts.fixed.length === 0);
  assertNotTaken(existing, desired);
  const changed = [...drifts.updatable, ...drifts.lossy];
  if (changed.length === 0) return existing;
  if (changed.some(({ field }) => field === 'deliver_subject')) await assertNoCycle(manager, stream, definition);
  const updated = await manager.consumers.update(stream, durable, updateOf(changed));
  logger.log(`Updated consumer '${durable}' of stream '${stream}': ${changeText(changed)}.`);
  return updated;
}

/**
 * Creates the consumer, to begin at `resumeAt` when it is made anew. What another instance, or another version of the service,
 * created meanwhile is left as it is.
 * @throws InvalidOptionError (`INVALID_OPTION`) when it would push into a stream
 */
export async function createConsumer(
  manager: JetStreamManager,
  stream: string,
  definition: ConsumerDefinition,
  resumeAt?: number,
): Promise<ConsumerInfo> {
  await assertNoCycle(manager, stream, definition);
  const desired = toConsumerConfig(definition);
  try {
    return await manager.consumers.add(stream, resumeAt === undefined ? desired : resumingAt(resumeAt, desired));
  } catch (error) {
    const isThere = error instanceof JetStreamApiError && error.code === CONSUMER_EXISTS;
    const existing = isThere ? await findConsumer(manager, stream, definition.durable) : undefined;
    if (existing) return existing;
    throw error;
  }
}

function updateOf(changed: readonly Drift[]): Partial<ConsumerConfig> {
  const update: Partial<ConsumerConfig> = Object.fromEntries(changed.map(({ field, declared }) => [field, declared]));
  // nats.js sends the old configuration with the changes, and the server refuses both forms of the filter together.
  if (update.filter_subjects) Object.assign(update, { filter_subject: undefined });
  return update;
}

/** Without a group the server would deliver every message to both, and each would settle what the other works on. */
function assertNotTaken({ name, stream_name, push_bound, config }: ConsumerInfo, desired: DesiredConsumer): void {
  if (!push_bound) return;
  if (config.deliver_group === undefined) throw new ConsumerTakenError(name, stream_name);
  if (config.deliver_subject !== desired.deliver_subject)
    throw new ConsumerTakenError(name, stream_name, config.deliver_subject);
}
