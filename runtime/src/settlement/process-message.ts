import { setTimeout as delay } from 'node:timers/promises';
import type { HandlerDefinition } from '../consumer/consumer-definition';
import { LONGEST_TIMER_MS } from '../duration/duration';
import { failureText } from '../errors/failure-text';
import { sentence } from '../errors/sentence';
import type { Decision } from '../handler/decision';
import { failedOutcome, undecodedOutcome } from '../handler/failed-outcome';
import { withTimeout } from '../handler/handler-timeout';
import { decodeWithin } from '../message/decode-within';
import type { JetStreamMessage } from '../message/jetstream-message';
import { NatsJetStreamContext } from '../message/nats-jetstream.context';
import { Outcome } from '../message/outcome';
import type { ProcessingMeans } from './processing-means';
import { SENT, Settlement } from './settlement';

/** One message, from its bytes to its outcome on the server; then calls `done`, once. Never throws. */
export function processMessage(
  definition: HandlerDefinition,
  message: JetStreamMessage,
  means: ProcessingMeans,
  done: (message: JetStreamMessage) => void,
): void {
  new MessageProcess(definition, message, means, done).attempt();
}

/**
 * With callbacks, since an `async` function for each step would leave more garbage behind each message than all else that the
 * transport does with it.
 */
class MessageProcess {
  private readonly settlement: Settlement;

  constructor(
    private readonly definition: HandlerDefinition,
    private readonly message: JetStreamMessage,
    private readonly means: ProcessingMeans,
    private readonly done: (message: JetStreamMessage) => void,
  ) {
    this.settlement = new Settlement(definition, message, means.deadLetters, means.logger);
  }

  /** One run of the handler. */
  attempt(): void {
    const { timeoutMs, decodeLimitMs } = this.definition.settings;
    let event: unknown;
    try {
      event = decodeWithin(this.message, decodeLimitMs);
    } catch (error) {
      return this.refuse(error);
    }
    if (!(event instanceof Promise)) return this.handle(event, timeoutMs);
    const since = performance.now();
    event.then(
      (decoded: unknown) =>
        this.handle(decoded, timeoutMs === undefined ? undefined : timeoutMs - (performance.now() - since)),
      (error: unknown) => this.refuse(error),
    );
  }

  private handle(event: unknown, leftMs: number | undefined): void {
    const { definition, message, means } = this;
    const context = new NatsJetStreamContext(message, this.settlement, definition.template);
    const running = means.handlers.invoke(definition, event, context);
    this.conclude(
      leftMs === undefined ? running : withTimeout(definition, running, leftMs, (reason) => message.abort(reason)),
    );
  }

  private conclude(running: Promise<Decision | undefined>): void {
    running.then(
      (decision) => this.settle((decision as Outcome | undefined) ?? this.undecided),
      (failure: unknown) => this.settle(failedOutcome(this.definition, failure)),
    );
  }

  private get undecided(): Outcome | undefined {
    return this.definition.settings.manualAck ? undefined : Outcome.ack();
  }

  private refuse(error: unknown): void {
    this.message.forgetEvent();
    this.settle(undecodedOutcome(this.definition, error));
  }

  private settle(outcome: Outcome | undefined): void {
    const pauseMs = this.settlement.pauseInLane(outcome);
    if (pauseMs !== undefined) return void this.attemptAfter(pauseMs);
    const sent = this.tell(outcome);
    if (sent === SENT) this.done(this.message);
    else void sent.then(() => this.done(this.message));
  }

  private tell(outcome: Outcome | undefined): Promise<void> {
    const { message, means, settlement } = this;
    const { label } = this.definition;
    if (!settlement.isDecided) {
      if (outcome) return settlement.decide(outcome);
      means.logger.warn(`${label} returned without settling '${message.subject}' (sequence ${message.seq}).`);
    } else if (outcome && outcome.kind !== 'ack') {
      means.logger.warn(
        `${label} failed after it had settled '${message.subject}': ${sentence(failureText(outcome.failure))}`,
      );
    }
    return SENT;
  }

  private async attemptAfter(pauseMs: number): Promise<void> {
    const { stopping } = this.means;
    await delay(Math.min(pauseMs, LONGEST_TIMER_MS), undefined, { signal: stopping }).catch(() => undefined);
    if (stopping.aborted) {
      this.message.nak();
      return this.done(this.message);
    }
    if (this.message.isLeft) return this.done(this.message);
    this.message.renewSignal();
    this.attempt();
  }
}
