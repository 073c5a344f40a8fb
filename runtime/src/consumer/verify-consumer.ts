import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import type { ProvisioningMismatch } from '../errors/provisioning.errors';
import type { OpenSession } from '../session/jetstream-session';
import type { StreamRegistry } from '../stream/stream-registry';
import { toConsumerConfig } from './consumer-config';
import type { ConsumerDefinition } from './consumer-definition';
import { consumerDrifts } from './consumer-drift';
import { findConsumer } from './find-consumer';
import { storingStream } from './storing-stream';

/** How a durable on the server differs from its declaration: empty, or one mismatch. Changes nothing. */
export async function verifyConsumer(
  open: OpenSession,
  streams: StreamRegistry,
  definition: ConsumerDefinition,
): Promise<ProvisioningMismatch[]> {
  const { durable, subjects, settings, ephemeral } = definition;
  const stream = await storingStream(open, streams, definition);
  if (stream === undefined) return [{ stream, durable, subjects, drift: [] }];
  if (ephemeral) return [];
  const existing = await findConsumer(open.manager, stream, durable).catch((error: unknown) => {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return undefined;
    throw error;
  });
  if (!existing) return [{ stream, durable, drift: [] }];
  const { fixed, lossy, updatable } = consumerDrifts(existing, toConsumerConfig(definition), settings.metadata);
  const drift = [...fixed, ...lossy, ...updatable];
  return drift.length === 0 ? [] : [{ stream, durable, drift }];
}
