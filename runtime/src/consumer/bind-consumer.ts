import { Logger } from '@nestjs/common';
import type { ConsumerInfo, JetStreamManager } from '@nats-io/jetstream';
import { ConsumerDriftError } from '../errors/consumer.errors';
import { driftText } from '../errors/drift';
import { MissingDurableError, ProvisioningMismatchError } from '../errors/provisioning.errors';
import type { ProvisioningMode } from '../provisioning/provisioning-mode';
import type { ConsumerDefinition } from './consumer-definition';
import { isPinned } from './pull/pinning';
import { boundDrift, findBoundConsumer } from './verify-consumer';

const logger = new Logger('NatsJetStreamConsumer');

/**
 * Takes a durable as it is, and changes nothing. What differs is refused with `verify`, and named with `none`: the answer that tells
 * that the durable is there says it anyhow.
 * @throws MissingDurableError (`MISSING_DURABLE`), ProvisioningMismatchError (`PROVISIONING_MISMATCH`), ConsumerDriftError
 * (`CONSUMER_DRIFT`) when one pulls and the other pushes, or one is pinned and the other is not
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
  const { delivery, pinned } = definition.settings;
  // The server refuses how the one asks for messages of the other.
  if (isPushed(existing) !== (delivery.kind === 'push') || isPinned(existing.config) !== (pinned !== undefined))
    throw new ConsumerDriftError(durable, stream, drift, false);
  logger.warn(`${label}: durable '${durable}' of stream '${stream}' is taken as it is: ${driftText(drift)}.`);
  return existing;
}

function isPushed({ config }: ConsumerInfo): boolean {
  return config.deliver_subject !== undefined;
}
