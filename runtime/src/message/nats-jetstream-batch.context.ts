import { BaseRpcContext } from '@nestjs/microservices';
import type { Duration } from '../util/duration';
import { markContext, type NatsJetStreamContext } from './nats-jetstream.context';
import { Outcome } from './outcome';

/**
 * Context of a batch handler, injected by Nest's `@Ctx()`.
 */
export class NatsJetStreamBatchContext extends BaseRpcContext<[readonly NatsJetStreamContext[]]> {
  private aborting: AbortController | undefined;

  constructor(
    messages: readonly NatsJetStreamContext[],
    private readonly settleRest: (outcome: Outcome) => Promise<void> = notSettleable,
  ) {
    super([messages]);
  }

  /**
   * Contexts of the events, in the order of the events. `context.messages[i].retry()` settles
   * only the message of `events[i]`.
   */
  get messages(): readonly NatsJetStreamContext[] {
    return this.args[0];
  }

  /** Name of the stream that stores the messages. */
  get stream(): string {
    return this.messages[0]?.stream ?? '';
  }

  /**
   * Aborted when the transport no longer waits for the handler: after its `timeout`, after
   * `maxProcessingTime` of the oldest message, or at the end of the grace period of a shutdown.
   * Pass it on to the functions that you call.
   */
  get signal(): AbortSignal {
    this.aborting ??= abortedWithAny(this.messages);
    return this.aborting.signal;
  }

  /** Acknowledges the messages that are not settled yet, without waiting for the handler. */
  ack(): Promise<void> {
    return this.settleRest(Outcome.ack());
  }

  /**
   * Redelivers the messages that are not settled yet, after `delay` or else `retryDelay`.
   */
  retry(options: { delay?: Duration; cause?: unknown } = {}): Promise<void> {
    return this.settleRest(Outcome.retry(options));
  }

  /**
   * Dead-letters the messages that are not settled yet. Resolves when the copies are stored.
   */
  terminate(reason: unknown): Promise<void> {
    return this.settleRest(Outcome.terminate(reason));
  }
}

markContext(NatsJetStreamBatchContext.prototype);

function abortedWithAny(messages: readonly NatsJetStreamContext[]): AbortController {
  const aborting = new AbortController();
  for (const { signal } of messages) {
    if (signal.aborted) aborting.abort(signal.reason);
    signal.addEventListener('abort', () => aborting.abort(signal.reason), { once: true });
  }
  return aborting;
}

function notSettleable(): Promise<void> {
  return Promise.reject(
    new Error('This batch context was not created by the transport, so it cannot settle. Settle through its messages.'),
  );
}
