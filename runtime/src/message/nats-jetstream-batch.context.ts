import { BaseRpcContext } from '@nestjs/microservices';
import type { Duration } from '../util/duration';
import { markContext, type NatsJetStreamContext } from './nats-jetstream.context';
import { Outcome } from './outcome';

/**
 * What a handler of batches knows of its messages besides the events; injected by Nest's `@Ctx()`.
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
   * One context for each event, in their order: `context.messages[i].retry()` decides over the
   * message of `events[i]` alone.
   */
  get messages(): readonly NatsJetStreamContext[] {
    return this.args[0];
  }

  /** Name of the stream that the messages are stored in. */
  get stream(): string {
    return this.messages[0]?.stream ?? '';
  }

  /**
   * Aborted when nobody waits for the handler any more: after its `timeout`, after
   * `maxProcessingTime` of the message that is here longest, or when the grace period of a shutdown
   * is over. Pass it on to what you call.
   */
  get signal(): AbortSignal {
    this.aborting ??= abortedWithAny(this.messages);
    return this.aborting.signal;
  }

  /** Acknowledges now each message that is not settled yet, instead of after the handler. */
  ack(): Promise<void> {
    return this.settleRest(Outcome.ack());
  }

  /**
   * Has each message that is not settled yet delivered again, after `delay` or the pause that
   * `retryDelay` gives.
   */
  retry(options: { delay?: Duration; cause?: unknown } = {}): Promise<void> {
    return this.settleRest(Outcome.retry(options));
  }

  /**
   * Sends each message that is not settled yet to the dead letters; resolves when the copies are
   * stored.
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
  return Promise.reject(new Error('This context was made by hand: settle through its messages.'));
}
