import { InvalidBatchResultError } from '../errors/event.errors';
import { Outcome } from './outcome';

/**
 * What becomes of each message of a batch; its handler may return one instead of settling through the context:
 *
 * ```ts
 * return BatchResult.of(events.map((event) => (stored.has(event.id) ? Outcome.ack() : Outcome.retry())));
 * ```
 */
export class BatchResult {
  private constructor(readonly outcomes: readonly Outcome[]) {}

  /**
   * One outcome for each event, in their order.
   * @throws InvalidBatchResultError (`INVALID_BATCH_RESULT`) when one is no `Outcome`
   */
  static of(outcomes: readonly Outcome[]): BatchResult {
    const wrong = [...outcomes].findIndex((outcome) => !(outcome instanceof Outcome));
    if (wrong === -1) return new BatchResult([...outcomes]);
    throw new InvalidBatchResultError(
      `BatchResult.of() got no Outcome at index ${wrong}: give Outcome.ack(), Outcome.retry() or Outcome.terminate(reason) for each event.`,
      outcomes,
    );
  }
}
