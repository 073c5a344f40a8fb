import type { HandlerDefinition } from '../consumer/consumer-definition';
import { withDeadline } from '../duration/deadline';
import { HandlerTimeoutError } from '../errors/event.errors';

/** Passes on the result of a run. After `leftMs` of the handler's `timeout` it calls `abort` and rejects. */
export function withTimeout<Result>(
  { settings: { timeoutMs = 0 }, label }: HandlerDefinition,
  running: Promise<Result>,
  leftMs: number,
  abort: (reason: HandlerTimeoutError) => void,
): Promise<Result> {
  return withDeadline(running, leftMs, () => {
    const timeout = new HandlerTimeoutError(label, timeoutMs);
    abort(timeout);
    return timeout;
  });
}
