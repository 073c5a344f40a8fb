import { InvalidBatchResultError } from '../errors/event.errors';
import { hasBrand } from '../errors/thrown-value';
import { isOutcome, type Outcome } from './outcome';

const BATCH_RESULT = Symbol.for('nest-jetstream:batch-result');

/**
 * Outcomes of the messages of a batch. A batch handler may return it instead of settling through
 * the context:
 *
 * ```ts
 * const outcomeOf = (event) => (stored.has(event.id) ? Outcome.ack() : Outcome.retry());
 * return BatchResult.of(events.map(outcomeOf));
 * ```
 */
export class BatchResult {
  private constructor(readonly outcomes: readonly Outcome[]) {}

  /**
   * Creates a result with one outcome for each event, in the order of the events.
   * @throws InvalidBatchResultError (`INVALID_BATCH_RESULT`) for a value that is not an `Outcome`
   */
  static of(outcomes: readonly Outcome[]): BatchResult {
    const wrong = [...outcomes].findIndex((outcome) => !isOutcome(outcome));
    if (wrong === -1) return new BatchResult([...outcomes]);
    throw new InvalidBatchResultError(
      `BatchResult.of() expects an Outcome for each event, but index ${wrong} has none. ` +
        `Give Outcome.ack(), Outcome.retry() or Outcome.terminate(reason) for each event.`,
      outcomes,
    );
  }
}

Object.defineProperty(BatchResult.prototype, BATCH_RESULT, { value: true });

/** Recognizes a BatchResult, also of another copy of this package. */
export function isBatchResult(value: unknown): value is BatchResult {
  return hasBrand(value, BATCH_RESULT);
}

/** Decision of a handler for its message or its batch. */
export type Decision = Outcome | BatchResult;

export function isDecision(result: unknown): result is Decision {
  return isOutcome(result) || isBatchResult(result);
}
