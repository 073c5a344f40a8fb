import { AckPolicy } from '@nats-io/jetstream';
import type { ConsumerDefinition } from '../consumer/consumer-definition';
import { PROCESS_EXITED } from '../dead-letter/dead-letter';
import type { JetStreamMessage } from '../message/jetstream-message';
import type { ProcessingMeans } from './processing-means';

/** Returns true for a delivery that may be the final attempt, or come after it. */
export function needsDecision({ settings }: ConsumerDefinition, message: JetStreamMessage): boolean {
  const { deliveryCount } = message.deliveryNumbers;
  const { maxDeliver, ackPolicy } = settings;
  return deliveryCount > 1 && maxDeliver > 0 && deliveryCount >= maxDeliver && ackPolicy !== AckPolicy.None;
}

/**
 * Decides about such a delivery. Resolves to false if the handler must not run: the message has become a dead letter, or goes back to
 * the server because the application stops. Never rejects.
 */
export async function mayRun(
  definition: ConsumerDefinition,
  message: JetStreamMessage,
  { attempts, deadLetters }: Pick<ProcessingMeans, 'attempts' | 'deadLetters'>,
): Promise<boolean> {
  const { stream, consumer, streamSequence, deliveryCount } = message.info;
  const delivered = {
    stream,
    consumer,
    streamSequence,
    deliveryCount,
    storedAtNanos: String(message.timestampNanos),
    consumerCreated: message.consumerCreated,
  };
  const decision = await attempts.judge(delivered, definition.settings.maxDeliver);
  if (!decision) {
    message.nak();
    return false;
  }
  if (decision.is === 'exhausted') {
    const end = { attempts: decision.attempt, failure: PROCESS_EXITED };
    await deadLetters.moveToDeadLetters(definition, message, end);
    return false;
  }
  message.attempt = decision.attempt;
  return !message.isAbandoned && !message.isLeft;
}
