import type { JetStreamManager } from '@nats-io/jetstream';
import { InvalidOptionError } from '../errors/configuration.errors';
import type { ConsumerDefinition } from './consumer-definition';
import { deliveryConfig } from './delivery';

/**
 * What is pushed into the consumer's own stream is stored and delivered again without end, and the server refuses it. Another stream would
 * store a copy of every delivery: refused where the subject was chosen, but one that stores everything may store inboxes too.
 * @throws InvalidOptionError (`INVALID_OPTION`) naming the stream
 */
export async function assertNoCycle(
  manager: JetStreamManager,
  own: string,
  definition: ConsumerDefinition,
): Promise<void> {
  const subject = pushSubject(definition);
  if (subject === undefined) return;
  for await (const stream of manager.streams.names(subject)) {
    if (stream === own || isChosen(definition)) throw intoStream(definition, subject, stream);
  }
}

/** Whether `deliverTo` or `deliverToSubject` says where to push to. */
export function isChosen({ settings: { delivery } }: ConsumerDefinition): boolean {
  return delivery.kind === 'push' && (delivery.literal ?? delivery.prefix) !== undefined;
}

/** Undefined for a consumer that pulls. */
export function pushSubject({ settings, durable, inboxPrefix }: ConsumerDefinition): string | undefined {
  return deliveryConfig(settings.delivery, durable, inboxPrefix).deliver_subject;
}

export function intoStream({ settings }: ConsumerDefinition, subject: string, stream: string): InvalidOptionError {
  const isLiteral = settings.delivery.kind === 'push' && settings.delivery.literal !== undefined;
  return new InvalidOptionError(
    isLiteral ? 'deliverToSubject' : 'deliverTo',
    subject,
    `stream '${stream}' would store what is pushed there: give a subject that no stream stores`,
  );
}
