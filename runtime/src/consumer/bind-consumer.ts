import { Logger } from '@nestjs/common';
import type { ConsumerInfo, JetStreamManager } from '@nats-io/jetstream';
import { ConsumerDriftError } from '../errors/consumer.errors';
import { driftText } from '../errors/drift';
import { MissingDurableError, ProvisioningMismatchError } from '../errors/provisioning.errors';
import type { ProvisioningMode } from '../provisioning/provisioning-mode';
import type { ConsumerDefinition } from './consumer-definition';
import { boundDrift, findBoundConsumer } from './verify-consumer';

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
  const { durable, label } = definition;
  const existing = await findBoundConsumer(manager, stream, durable);
  if (!existing) throw new MissingDurableError(stream, durable, label, mode);
  const drift = boundDrift(existing, definition);
  if (drift.length === 0) return existing;
  if (mode === 'verify') throw new ProvisioningMismatchError([{ stream, durable, drift }]);
  if (isPushed(existing) !== (definition.settings.delivery.kind === 'push'))
    throw new ConsumerDriftError(durable, stream, drift, false);
  logger.warn(`${label}: durable '${durable}' of stream '${stream}' is taken as it is: ${driftText(drift)}.`);
  return existing;
}

function isPushed({ config }: ConsumerInfo): boolean {
  return config.deliver_subject !== undefined;
}
