import { types } from 'node:util';
import type { HandlerDefinition } from '../consumer/consumer-definition';
import { GeneratorHandlerError, InvalidBatchResultError } from '../errors/event.errors';
import { isBatchResult, type BatchResult } from '../message/batch-result';
import { isOutcome, type Outcome } from '../message/outcome';

/** Decision of a handler about its message or its batch. */
export type Decision = Outcome | BatchResult;

export function isDecision(result: unknown): result is Decision {
  return isOutcome(result) || isBatchResult(result);
}

/**
 * Reads the decision from a handler's result; undefined when the handler returned nothing of the kind.
 * @param data the event, or the events of a batch
 * @throws InvalidBatchResultError, GeneratorHandlerError for results that would pass for success otherwise
 */
export function decisionOf(definition: HandlerDefinition, result: unknown, data: unknown): Decision | undefined {
  // Fast path: most handlers return nothing.
  if (typeof result !== 'object' || result === null) return undefined;
  if (isOutcome(result)) return result;
  if (types.isGeneratorObject(result)) throw new GeneratorHandlerError(definition.label);
  return definition.settings.batch
    ? batchDecisionOf(definition.label, result, (data as readonly unknown[]).length)
    : refuseBatchResult(definition.label, result);
}

function refuseBatchResult(label: string, result: object): undefined {
  if (!isBatchResult(result)) return undefined;
  throw new InvalidBatchResultError(
    `${label} returned a BatchResult for one event. Return an Outcome, or set { batch: { size: 100 } } on the handler.`,
    result,
  );
}

function batchDecisionOf(label: string, result: object, size: number): BatchResult | undefined {
  if (Array.isArray(result) && result.some(isOutcome)) {
    throw new InvalidBatchResultError(
      `${label} returned an array of outcomes. Return BatchResult.of(outcomes).`,
      result.length,
    );
  }
  if (!isBatchResult(result)) return undefined;
  const { length } = result.outcomes;
  if (length === size) return result;
  throw new InvalidBatchResultError(
    `${label} returned ${length} outcomes for a batch of ${size}. Return BatchResult.of(outcomes) with one for each event, in their order.`,
    length,
  );
}
