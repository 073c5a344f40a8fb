import type { HandlerDefinition } from '../consumer/consumer-definition';
import type { ReceivedEvent } from '../consumer/consumer-run';
import type { Decision } from '../handler/decision';
import { failedOutcome, undecodedOutcome } from '../handler/failed-outcome';
import { withTimeout } from '../handler/handler-timeout';
import { isBatchResult } from '../message/batch-result';
import type { JetStreamMessage } from '../message/jetstream-message';
import { Outcome } from '../message/outcome';
import { BatchSettlement } from './batch-settlement';
import type { ProcessingMeans } from './processing-means';
import { Settlement } from './settlement';

/** One run of a handler of many messages, from their events to their outcomes on the server. Never rejects. */
export async function processBatch(
  definition: HandlerDefinition,
  batch: readonly ReceivedEvent[],
  { deadLetters, logger, handlers }: ProcessingMeans,
): Promise<void> {
  const { settings } = definition;
  const messages = batch.map(({ message }) => message);
  const settlement = new BatchSettlement(definition, messages, deadLetters, logger);
  const { context } = settlement;
  let decided: Decision | undefined;
  try {
    const events = batch.map(({ event }) => event);
    const running = handlers.invoke(definition, events, context);
    const { timeoutMs } = settings;
    const decision = await (timeoutMs === undefined
      ? running
      : withTimeout(definition, running, timeoutMs, (reason) => {
          for (const message of messages) message.abort(reason);
        }));
    decided = decision ?? (settings.manualAck ? undefined : Outcome.ack());
  } catch (failure) {
    decided = failedOutcome(definition, failure);
  }
  if (isBatchResult(decided)) return settlement.decideEach(decided.outcomes);
  return decided ? settlement.decideRest(decided) : settlement.leaveRest();
}

/** A message of a handler of many that none of them gets, since its bytes cannot be read. Never rejects. */
export function refuseUndecodable(
  definition: HandlerDefinition,
  message: JetStreamMessage,
  failure: unknown,
  { deadLetters, logger }: ProcessingMeans,
): Promise<void> {
  return new Settlement(definition, message, deadLetters, logger).decide(undecodedOutcome(definition, failure));
}
