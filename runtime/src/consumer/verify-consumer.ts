import { JetStreamApiCodes, JetStreamApiError, type ConsumerInfo, type JetStreamManager } from '@nats-io/jetstream';
import type { Drift } from '../errors/drift';
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
  const { durable, subjects, ephemeral } = definition;
  const stream = await storingStream(open, streams, definition);
  if (stream === undefined) return [{ stream, durable, subjects, drift: [] }];
  if (ephemeral) return [];
  const existing = await findBoundConsumer(open.manager, stream, durable);
  if (!existing) return [{ stream, durable, drift: [] }];
  const drift = boundDrift(existing, definition);
  return drift.length === 0 ? [] : [{ stream, durable, drift }];
}

/** Undefined when the stream has no such consumer, and when there is no such stream. */
export async function findBoundConsumer(
  manager: JetStreamManager,
  stream: string,
  durable: string,
): Promise<ConsumerInfo | undefined> {
  try {
    return await findConsumer(manager, stream, durable);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return undefined;
    throw error;
  }
}

/** Each field in which a consumer is otherwise than declared; whose it is need not be marked on it. */
export function boundDrift(existing: ConsumerInfo, definition: ConsumerDefinition): Drift[] {
  const desired = toConsumerConfig(definition);
  const { fixed, lossy, updatable } = consumerDrifts(existing, desired, definition.settings.metadata);
  return [...fixed, ...lossy, ...updatable];
}
