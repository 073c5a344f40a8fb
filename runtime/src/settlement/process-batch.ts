import type { HandlerDefinition } from '../consumer/consumer-definition';
import type { ReceivedEvent } from '../consumer/consumer-run';
import { InvalidBatchResultError } from '../errors/event.errors';
import { BatchResult } from '../message/batch-result';
import type { JetStreamMessage } from '../message/jetstream-message';
import { Outcome } from '../message/outcome';
import { BatchSettlement } from './batch-settlement';
import { completion } from './completion';
import { failedOutcome, undecodedOutcome } from './failed-outcome';
import { originalFailure } from './handler-failure';
import { withTimeout } from './handler-timeout';
import type { ProcessingMeans } from './processing-means';
import { refuseGenerator } from './refuse-generator';
import { Settlement } from './settlement';

/** One run of a handler of many messages, from their events to their outcomes on the server. Never rejects. */
export async function processBatch(
  definition: HandlerDefinition,
  batch: readonly ReceivedEvent[],
  { deadLetters, logger, run }: ProcessingMeans,
): Promise<void> {
  const { settings, label } = definition;
  const messages = batch.map(({ message }) => message);
  const settlement = new BatchSettlement(definition, messages, deadLetters, logger);
  const { context } = settlement;
  let decided: Outcome | BatchResult | undefined;
  try {
    const events = batch.map(({ event }) => event);
    const running = completion(run(definition, events, context));
    const { timeoutMs } = settings;
    const result = await (timeoutMs === undefined
      ? running
      : withTimeout(definition, running, timeoutMs, (reason) => {
          for (const message of messages) message.abort(reason);
        }));
    decided = decisionOf(result, batch.length, label) ?? (settings.manualAck ? undefined : Outcome.ack());
  } catch (told) {
    decided = failedOutcome(definition, originalFailure(context, told));
  }
  if (decided instanceof BatchResult) return settlement.decideEach(decided.outcomes);
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

/** @throws InvalidBatchResultError, GeneratorHandlerError for what would else pass for success */
function decisionOf(result: unknown, size: number, label: string): Outcome | BatchResult | undefined {
  if (result instanceof Outcome) return result;
  if (Array.isArray(result) && result.some((each) => each instanceof Outcome)) {
    throw new InvalidBatchResultError(
      `${label} returned an array of outcomes: return BatchResult.of(outcomes).`,
      result.length,
    );
  }
  refuseGenerator(label, result);
  if (!(result instanceof BatchResult)) return undefined;
  const { length } = result.outcomes;
  if (length === size) return result;
  throw new InvalidBatchResultError(
    `${label} returned ${length} outcomes for a batch of ${size}: return BatchResult.of(outcomes) with one for each event, in their order.`,
    length,
  );
}
