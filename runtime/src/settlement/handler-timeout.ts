import type { HandlerDefinition } from '../consumer/consumer-definition';
import { withDeadline } from '../duration/deadline';
import { HandlerTimeoutError } from '../errors/event.errors';

/** What a handler returns, unless it takes longer than `leftMs` of its `timeout`: then `abort` is called, and the run has failed. */
export function withTimeout(
  { settings: { timeoutMs = 0 }, label }: HandlerDefinition,
  running: Promise<unknown>,
  leftMs: number,
  abort: (reason: HandlerTimeoutError) => void,
): Promise<unknown> {
  return withDeadline(running, leftMs, () => {
    const timeout = new HandlerTimeoutError(label, timeoutMs);
    abort(timeout);
    return timeout;
  });
}
