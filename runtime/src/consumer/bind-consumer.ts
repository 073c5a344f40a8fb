import { Logger } from '@nestjs/common';
import { JetStreamApiCodes, JetStreamApiError, type ConsumerInfo, type JetStreamManager } from '@nats-io/jetstream';
import { ConsumerDriftError } from '../errors/consumer.errors';
import { driftText } from '../errors/drift';
import { MissingDurableError, ProvisioningMismatchError } from '../errors/provisioning.errors';
import type { ProvisioningMode } from '../provisioning/provisioning-mode';
import { toConsumerConfig } from './consumer-config';
import type { ConsumerDefinition } from './consumer-definition';
import { consumerDrifts } from './consumer-drift';
import { findConsumer } from './find-consumer';

const logger = new Logger('NatsJetStreamConsumer');

/**
 * Takes a durable as it is, and changes nothing. What differs is refused with `verify`, and named with `none`: the answer that tells
 * that the durable is there says it anyhow.
 * @throws MissingDurableError (`MISSING_DURABLE`), ProvisioningMismatchError (`PROVISIONING_MISMATCH`), ConsumerDriftError
 * (`CONSUMER_DRIFT`) when one pulls and the other pushes
 */
export async function bindConsumer(
  manager: JetStreamManager,
  stream: string,
  definition: ConsumerDefinition,
  mode: Exclude<ProvisioningMode, 'apply'>,
): Promise<ConsumerInfo> {
  const { durable, label, settings } = definition;
  const existing = await findDurable(manager, stream, definition, mode);
  const { fixed, lossy, updatable } = consumerDrifts(existing, toConsumerConfig(definition), settings.metadata);
  const drift = [...fixed, ...lossy, ...updatable];
  if (drift.length === 0) return existing;
  if (mode === 'verify') throw new ProvisioningMismatchError([{ stream, durable, drift }]);
  if (fixed.some(({ field }) => field === 'deliver_subject'))
    throw new ConsumerDriftError(durable, stream, fixed, false);
  logger.warn(`${label}: durable '${durable}' of stream '${stream}' is taken as it is: ${driftText(drift)}.`);
  return existing;
}

async function findDurable(
  manager: JetStreamManager,
  stream: string,
  { durable, label }: ConsumerDefinition,
  mode: Exclude<ProvisioningMode, 'apply'>,
): Promise<ConsumerInfo> {
  try {
    const existing = await findConsumer(manager, stream, durable);
    if (existing) return existing;
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.code !== JetStreamApiCodes.StreamNotFound) throw error;
    throw new MissingDurableError(stream, durable, label, mode, error);
  }
  throw new MissingDurableError(stream, durable, label, mode);
}
