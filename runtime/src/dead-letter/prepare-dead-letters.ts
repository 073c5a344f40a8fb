import { Logger } from '@nestjs/common';
import { AckPolicy, RetentionPolicy } from '@nats-io/jetstream';
import type { ConsumerDefinition } from '../consumer/consumer-definition';
import type { ProvisioningMismatch } from '../errors/provisioning.errors';
import type { OpenSession } from '../session/jetstream-session';
import { deadLetterDeclaration } from '../stream/dead-letter-stream';
import { findStream } from '../stream/find-stream';
import { verifyStream } from '../stream/provision-stream';
import type { AttemptLedger } from './attempt-ledger';
import type { DeadLetters } from './dead-letters';

const logger = new Logger('NatsJetStreamDeadLetters');

/** A consumer and its stream. */
export interface BoundDefinition {
  readonly stream: string;
  readonly definition: ConsumerDefinition;
}

/**
 * Prepares the streams for dead letters and attempts at startup. A missing permission then fails
 * startup, instead of blocking a consumer at its first dead letter. Throws the errors of
 * {@link DeadLetters.prepare} and {@link AttemptLedger.prepare}.
 */
export async function prepareDeadLetters(
  open: OpenSession,
  consumers: readonly BoundDefinition[],
  deadLetters: DeadLetters,
  attempts: AttemptLedger,
): Promise<void> {
  await Promise.all(copiedStreams(consumers).map(async (stream) => deadLetters.prepare(stream)));
  const counted = unique(consumers.filter(({ definition }) => countsAttempts(definition)));
  if (counted.length > 0) await attempts.prepare(await highestReplicas(open, counted));
  if (open.provisioning !== 'none') await Promise.all(consumers.map(async (consumer) => warnOfRemoval(open, consumer)));
}

/** Compares the streams for dead letters and attempts with their declaration. Changes nothing. */
export async function verifyDeadLetters(
  open: OpenSession,
  consumers: readonly BoundDefinition[],
  attempts: AttemptLedger,
): Promise<ProvisioningMismatch[]> {
  const wanted = copiedStreams(consumers).map((stream) => deadLetterDeclaration(stream).config);
  const found = await Promise.all(wanted.map(async (stream) => verifyStream(open.manager, stream)));
  const isCounted = consumers.some(({ definition }) => countsAttempts(definition));
  return [...found.flat(), ...(isCounted ? await attempts.verify(open) : [])];
}

function copiedStreams(consumers: readonly BoundDefinition[]): string[] {
  return unique(consumers.filter(({ definition }) => definition.settings.deadLetter === 'stream'));
}

function countsAttempts({ settings }: ConsumerDefinition): boolean {
  return settings.ackPolicy !== AckPolicy.None && settings.maxDeliver > 0;
}

async function highestReplicas({ manager, provisioning }: OpenSession, streams: readonly string[]): Promise<number> {
  if (provisioning !== 'apply') return 1;
  const found = await Promise.all(streams.map(async (stream) => findStream(manager, stream)));
  return Math.max(...found.map((info) => info?.config.num_replicas ?? 1));
}

async function warnOfRemoval({ manager }: OpenSession, { stream, definition }: BoundDefinition): Promise<void> {
  const { settings, label } = definition;
  if (settings.deadLetter !== 'off' || settings.ackPolicy === AckPolicy.None) return;
  const retention = (await findStream(manager, stream))?.config.retention;
  if (retention === undefined || retention === RetentionPolicy.Limits) return;
  logger.warn(
    `${label} has deadLetter 'off', and stream '${stream}' has retention '${retention}'. A message that fails its last attempt is ` +
      `removed without a copy. Set deadLetter to 'stream' or to a function to keep it.`,
  );
}

function unique(consumers: readonly BoundDefinition[]): string[] {
  return [...new Set(consumers.map(({ stream }) => stream))];
}
