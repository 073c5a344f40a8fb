import type { HandlerDefinition } from '../consumer/consumer-definition';
import { InvalidBatchResultError } from '../errors/event.errors';
import { BatchResult } from '../message/batch-result';
import { Outcome } from '../message/outcome';
import { refuseGenerator } from './refuse-generator';

/**
 * What a handler of one event said by what it returned; undefined where it settles by itself.
 * @throws InvalidBatchResultError, GeneratorHandlerError for what would else pass for success
 */
export function returnedOutcome({ settings, label }: HandlerDefinition, result: unknown): Outcome | undefined {
  if (result instanceof Outcome) return result;
  if (result instanceof BatchResult) {
    const remedy = `return an Outcome, or set { batch: { size: 100 } } on the handler`;
    throw new InvalidBatchResultError(`${label} returned a BatchResult for one event: ${remedy}.`, result);
  }
  refuseGenerator(label, result);
  return settings.manualAck ? undefined : Outcome.ack();
}
