import type { JetStreamManager } from '@nats-io/jetstream';
import { InvalidOptionError } from '../../errors/configuration.errors';
import type { ConsumerDefinition } from '../consumer-definition';
import { deliveryConfig } from '../options/delivery';

/**
 * Refuses a push consumer if a stream would store its deliveries again. The server only refuses
 * subjects of the consumer's own stream, and another stream would store a copy of every delivery.
 * Derived inboxes are only checked against the own stream, because a stream that stores all
 * subjects stores them too.
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

/** Returns true if `deliverTo` or `deliverToSubject` names the subject to push to. */
export function isChosen({ settings: { delivery } }: ConsumerDefinition): boolean {
  return delivery.kind === 'push' && (delivery.literal ?? delivery.prefix) !== undefined;
}

/** Returns the subject to push to, or undefined for a pull consumer. */
export function pushSubject({ settings, durable, inboxPrefix }: ConsumerDefinition): string | undefined {
  return deliveryConfig(settings.delivery, durable, inboxPrefix).deliver_subject;
}

export function intoStream({ settings }: ConsumerDefinition, subject: string, stream: string): InvalidOptionError {
  const isLiteral = settings.delivery.kind === 'push' && settings.delivery.literal !== undefined;
  return new InvalidOptionError(
    isLiteral ? 'deliverToSubject' : 'deliverTo',
    subject,
    `stream '${stream}' would store the messages that are pushed there. Pass a subject that no stream stores`,
  );
}
