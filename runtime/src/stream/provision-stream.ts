import { JetStreamApiError, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import { Logger } from '@nestjs/common';
import { changeText } from '../errors/drift';
import { StreamDriftError, StreamProvisioningError } from '../errors/stream.errors';
import { dropWarning } from './drop-warning';
import { findStream } from './find-stream';
import { lossyName } from './lossy-fields';
import type { DesiredStream } from './stream-config';
import type { StreamDeclaration } from './stream-declaration';
import { isLossy, planStream } from './stream-drift';
import { assertNoOverlap } from './subject-overlap';
import { whenPlaceable } from './when-placeable';

const STREAM_NAME_IN_USE = 10058;
const logger = new Logger('NatsJetStreamStreams');

/**
 * Creates the stream, or updates what can be changed without losing a message, and what the declaration lets go.
 * @throws StreamDriftError (`STREAM_DRIFT`), StreamOverlapError (`STREAM_OVERLAP`), StreamProvisioningError
 * (`STREAM_PROVISIONING`)
 */
export async function provisionStream(manager: JetStreamManager, declaration: StreamDeclaration): Promise<void> {
  const { name } = declaration.config;
  const warning = dropWarning(declaration.config);
  if (warning) logger.warn(warning);
  const existing = (await find(manager, name)) ?? (await create(manager, declaration.config));
  if (!existing) return;
  const { update, changed, losing, refused } = planStream(declaration, existing.config);
  if (refused.length > 0)
    throw new StreamDriftError(
      name,
      refused,
      refused.filter(isLossy).map(({ field }) => lossyName(field)),
    );
  if (!update) return;
  if (update.subjects) await assertNoOverlap(manager, name, update.subjects);
  await whenPlaceable(async () => manager.streams.update(name, { ...existing.config, ...update })).catch(
    (cause: unknown) => {
      throw new StreamProvisioningError(name, cause);
    },
  );
  logger.log(`Updated stream '${name}': ${changeText(changed)}.`);
  if (losing.length > 0)
    logger.warn(`Stream '${name}' may have dropped messages, as its allowDataLoss says: ${changeText(losing)}.`);
}

async function find(manager: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  return findStream(manager, name).catch((error: unknown) => {
    throw new StreamProvisioningError(name, error);
  });
}

/** Undefined when created; what another instance created meanwhile, otherwise. */
async function create(manager: JetStreamManager, desired: DesiredStream): Promise<StreamInfo | undefined> {
  await assertNoOverlap(manager, desired.name, desired.subjects ?? []);
  try {
    const config = { ...desired, ...(desired.subjects && { subjects: [...desired.subjects] }) };
    await whenPlaceable(async () => manager.streams.add(config));
    logger.log(`Created stream '${desired.name}' for ${(desired.subjects ?? [desired.name]).join(', ')}.`);
    return undefined;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === STREAM_NAME_IN_USE) return find(manager, desired.name);
    throw new StreamProvisioningError(desired.name, error);
  }
}
