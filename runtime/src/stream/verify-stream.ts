import type { JetStreamManager } from '@nats-io/jetstream';
import type { ProvisioningMismatch } from '../errors/provisioning.errors';
import { findStream } from './find-stream';
import type { DesiredStream } from './stream-config';
import { streamDrift } from './stream-drift';

/** How the stream on the server differs from its declaration: empty, or one mismatch. Changes nothing. */
export async function verifyStream(manager: JetStreamManager, desired: DesiredStream): Promise<ProvisioningMismatch[]> {
  const existing = await findStream(manager, desired.name);
  if (!existing) return [{ stream: desired.name, drift: [] }];
  const drift = streamDrift(desired, existing.config);
  return drift.length === 0 ? [] : [{ stream: desired.name, drift }];
}
