import type { HandlerDefinition } from '../consumer/consumer-definition';
import { withDeadline } from '../util/deadline';
import { HandlerTimeoutError } from '../errors/event.errors';
import type { JetStreamMessage } from '../message/jetstream-message';

/**
 * Passes on the result of a run. After `leftMs` of the handler's `timeout` it aborts the signals of
 * the messages, and rejects.
 */
export function withTimeout<Result>(
  { settings: { timeoutMs = 0 }, handlerName }: HandlerDefinition,
  running: Promise<Result>,
  leftMs: number,
  messages: readonly JetStreamMessage[],
): Promise<Result> {
  return withDeadline(running, leftMs, () => {
    const timeout = new HandlerTimeoutError(handlerName, timeoutMs);
    for (const message of messages) message.abort(timeout);
    return timeout;
  });
}
