import { JetStreamApiCodes, JetStreamApiError, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import { Logger } from '@nestjs/common';
import { StreamDriftError, StreamProvisioningError } from '../errors/stream.errors';
import type { DesiredStream } from './stream-config';
import { planStream } from './stream-drift';
import { assertNoOverlap } from './subject-overlap';

const STREAM_NAME_IN_USE = 10058;
const logger = new Logger('NatsJetStreamStreams');

/**
 * Creates the stream, or updates what can be changed without losing a message.
 * @throws StreamDriftError (`STREAM_DRIFT`), StreamOverlapError (`STREAM_OVERLAP`), StreamProvisioningError
 * (`STREAM_PROVISIONING`)
 */
export async function provisionStream(manager: JetStreamManager, desired: DesiredStream): Promise<void> {
  const existing = (await find(manager, desired.name)) ?? (await create(manager, desired));
  if (!existing) return;
  const { update, changed, refused } = planStream(desired, existing.config);
  if (refused.length > 0) throw new StreamDriftError(desired.name, refused);
  if (!update) return;
  if (update.subjects) await assertNoOverlap(manager, desired.name, update.subjects);
  await manager.streams.update(desired.name, { ...existing.config, ...update }).catch((cause: unknown) => {
    throw new StreamProvisioningError(desired.name, cause);
  });
  const diff = changed.map(
    ({ field, declared, actual }) => `${field} ${JSON.stringify(actual)} → ${JSON.stringify(declared)}`,
  );
  logger.log(`Updated stream '${desired.name}': ${diff.join(', ')}.`);
}

async function find(manager: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(name);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return undefined;
    throw new StreamProvisioningError(name, error);
  }
}

/** Undefined when created; what another instance created meanwhile, otherwise. */
async function create(manager: JetStreamManager, desired: DesiredStream): Promise<StreamInfo | undefined> {
  await assertNoOverlap(manager, desired.name, desired.subjects ?? []);
  try {
    await manager.streams.add({ ...desired, ...(desired.subjects && { subjects: [...desired.subjects] }) });
    logger.log(`Created stream '${desired.name}' for ${(desired.subjects ?? [desired.name]).join(', ')}.`);
    return undefined;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === STREAM_NAME_IN_USE) return find(manager, desired.name);
    throw new StreamProvisioningError(desired.name, error);
  }
}
