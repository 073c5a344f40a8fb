import { Logger } from '@nestjs/common';
import type { ConsumerInfo, JetStreamManager } from '@nats-io/jetstream';
import { ConsumerDriftError } from '../../errors/consumer.errors';
import { driftText, type Drift } from '../../errors/drift';
import {
  MissingDurableError,
  ProvisioningMismatchError,
  type ProvisioningMismatch,
} from '../../errors/provisioning.errors';
import type { ProvisioningMode } from '../../stream/provisioning-mode';
import type { OpenSession } from '../../session/jetstream-session';
import type { StreamRegistry } from '../../stream/stream-registry';
import { declaredConsumerConfig } from './consumer-config';
import type { ConsumerDefinition } from '../consumer-definition';
import { consumerDrifts } from './consumer-drift';
import { isPinned } from '../options/pinning';
import { explainRefusals } from './consumer-refusal';
import { effectiveConfig } from './effective-config';
import { findConsumerOrStream } from './find-consumer';
import { assertOwned } from './ownership';
import { storingStreams } from './storing-streams';

const logger = new Logger('NatsJetStreamConsumer');

/**
 * Compares the durables of a handler with their declaration, and returns a mismatch for each that
 * differs or is missing. Changes nothing.
 * @throws ConsumerTakenError (`CONSUMER_TAKEN`), PermissionDeniedError (`PERMISSION_DENIED`)
 */
export async function verifyConsumer(
  open: OpenSession,
  streams: StreamRegistry,
  definition: ConsumerDefinition,
): Promise<ProvisioningMismatch[]> {
  const { durable, subjects, ephemeral } = definition;
  const { names } = await storingStreams(open, streams, definition);
  if (names.length === 0) return [{ stream: undefined, durable, subjects, drift: [] }];
  if (ephemeral) return [];
  const found = names.map(async (stream) => {
    const existing = await readDurable(open.manager, stream, definition);
    const drift = existing && driftOf(existing, definition);
    return drift?.length === 0 ? [] : [{ stream, durable, drift: drift ?? [] }];
  });
  return (await Promise.all(found)).flat();
}

/**
 * Binds to a durable without changing it. A difference is an error in mode `verify` and a warning
 * in mode `none`.
 * @throws MissingDurableError (`MISSING_DURABLE`); ProvisioningMismatchError
 * (`PROVISIONING_MISMATCH`); ConsumerTakenError (`CONSUMER_TAKEN`); ConsumerDriftError
 * (`CONSUMER_DRIFT`) as {@link assertSameKind}
 */
export async function bindConsumer(
  manager: JetStreamManager,
  stream: string,
  definition: ConsumerDefinition,
  mode: Exclude<ProvisioningMode, 'apply'>,
): Promise<ConsumerInfo> {
  const { durable, handlerName } = definition;
  const existing = await readDurable(manager, stream, definition);
  if (!existing) throw new MissingDurableError(stream, durable, handlerName, mode);
  const drift = driftOf(existing, definition);
  if (drift.length > 0 && mode === 'verify') throw new ProvisioningMismatchError([{ stream, durable, drift }]);
  assertSameKind(existing, definition);
  if (drift.length > 0)
    logger.warn(
      `Durable '${durable}' of stream '${stream}' differs from the options of ${handlerName}: ${driftText(drift)}.`,
    );
  if (drift.some(({ field }) => field === 'max_deliver')) warnOfMaxDeliver(existing);
  return existing;
}

/**
 * Refuses a durable of another kind than declared: pull instead of push, or pinned instead of
 * shared. The server refuses the requests of the other kind.
 * @throws ConsumerDriftError (`CONSUMER_DRIFT`)
 */
export function assertSameKind(existing: ConsumerInfo, definition: ConsumerDefinition): void {
  const { delivery, pinned } = definition.settings;
  if (isPushed(existing) === (delivery.kind === 'push') && isPinned(existing.config) === (pinned !== undefined)) return;
  throw new ConsumerDriftError(definition.durable, existing.stream_name, driftOf(existing, definition));
}

async function readDurable(
  manager: JetStreamManager,
  stream: string,
  definition: ConsumerDefinition,
): Promise<ConsumerInfo | undefined> {
  const existing = await explainRefusals('read', stream, definition, () =>
    findConsumerOrStream(manager, stream, definition.durable),
  );
  if (existing) assertOwned(existing, definition);
  return existing;
}

/** Compares all fields except the owner, because an operator need not set it. */
function driftOf(existing: ConsumerInfo, definition: ConsumerDefinition): Drift[] {
  const desired = declaredConsumerConfig(definition);
  const { fixed, updatable } = consumerDrifts(existing, desired, definition.settings.metadata, 'keep');
  return [...fixed, ...updatable];
}

/** Warns of a `max_deliver` on the server. It may lose a message when its process exits. */
function warnOfMaxDeliver(existing: ConsumerInfo): void {
  const { maxDeliver } = effectiveConfig(existing);
  if (maxDeliver === undefined) return;
  const { name, stream_name: stream } = existing;
  logger.warn(
    `The server stops delivering a message of durable '${name}' of stream '${stream}' after ${maxDeliver} deliveries. ` +
      `${maxDeliver === 1 ? 'A message is lost when its process exits' : 'The last delivery is kept for dead-lettering'}. ` +
      `Set max_deliver of the durable to -1.`,
  );
}

function isPushed({ config }: ConsumerInfo): boolean {
  return config.deliver_subject !== undefined;
}
