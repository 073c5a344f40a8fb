import type { Logger } from '@nestjs/common';
import type { ConsumerDefinition } from '../consumer/consumer-definition';
import { usualPause } from '../consumer/retry-delay';
import type { DeadLetters } from '../dead-letter/dead-letters';
import { failureText } from '../errors/failure-text';
import { sentence } from '../errors/sentence';
import type { JetStreamMessage } from '../message/jetstream-message';
import type { Outcome } from '../message/outcome';

const CONFIRMATION_ATTEMPTS = 3;
/** Of a decision that needed nothing of the server. */
export const SENT = Promise.resolve();

/** Tells the server what becomes of one message: once, whoever decides first. Never rejects. */
export class Settlement {
  private applied: Promise<void> | undefined;

  constructor(
    private readonly definition: ConsumerDefinition,
    readonly message: JetStreamMessage,
    private readonly deadLetters: DeadLetters,
    private readonly logger: Logger,
  ) {}

  /** True once decided here, or by the handler through `context.message`. */
  get isDecided(): boolean {
    return this.applied !== undefined || this.message.settledAs !== undefined;
  }

  /** Resolves when the outcome is sent, and with `ackMode: 'double'` confirmed. Says that a retry comes, unless `isReported` already. */
  decide(outcome: Outcome, isReported = false): Promise<void> {
    if (this.isDecided) {
      this.logger.warn(
        `${this.definition.label}: ${this.describe()} was settled before; '${outcome.kind}' has no effect.`,
      );
      return this.applied ?? Promise.resolve();
    }
    const isAtOnce = outcome.kind === 'ack' && this.definition.settings.ackMode === 'single';
    this.applied = isAtOnce
      ? this.acknowledgeAtOnce()
      : this.apply(outcome, isReported).catch((error: unknown) => this.reportUnsent(error));
    return this.applied;
  }

  /**
   * How long an ordered message waits in its lane before it is tried again in this process; undefined for an outcome that is
   * the server's matter. From the server it would come back behind those that wait for it.
   */
  pauseInLane(outcome: Outcome | undefined): number | undefined {
    const { settings } = this.definition;
    if (!settings.orderBy || this.isDecided || outcome?.kind !== 'retry' || this.isLast) return undefined;
    if (this.message.isAbandoned) return undefined;
    const pauseMs = this.pauseBeforeRetry(outcome);
    this.report(outcome.failure, pauseMs);
    // The next attempt has no delivery of its own.
    this.message.attempt++;
    return pauseMs;
  }

  private get isLast(): boolean {
    const { maxDeliver } = this.definition.settings;
    return maxDeliver > 0 && this.message.attempt >= maxDeliver;
  }

  private async apply(outcome: Outcome, isReported: boolean): Promise<void> {
    const { kind, failure } = outcome;
    if (kind === 'ack') return this.acknowledgeTwice();
    if (this.message.isAbandoned) return this.reportTooLate(outcome);
    if (kind === 'retry' && !this.isLast) return this.retry(outcome, isReported);
    return this.deadLetters.moveToDeadLetters(this.definition, this.message, {
      attempts: this.message.attempt,
      failure,
    });
  }

  private acknowledgeAtOnce(): Promise<void> {
    try {
      this.message.ack();
    } catch (error) {
      this.reportUnsent(error);
    }
    return SENT;
  }

  private reportUnsent(error: unknown): void {
    this.logger.warn(
      `The outcome of ${this.describe()} could not be sent (${failureText(error)}). It is delivered again.`,
    );
  }

  private async acknowledgeTwice(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.message.ackAck();
        return;
      } catch (error) {
        if (attempt === CONFIRMATION_ATTEMPTS) throw error;
      }
    }
  }

  private retry(outcome: Outcome, isReported: boolean): void {
    const pauseMs = this.pauseBeforeRetry(outcome);
    if (!isReported) this.report(outcome.failure, pauseMs);
    this.message.nak(pauseMs);
  }

  /** A `retryDelay` that throws, or gives no duration, decides nothing. */
  private pauseBeforeRetry({ delayMs, failure }: Outcome): number {
    const { settings, label } = this.definition;
    try {
      return delayMs ?? settings.retryPause(this.message.attempt, failure);
    } catch (error) {
      const pauseMs = usualPause(this.message.attempt, failure);
      this.logger.error(
        `${label}: its 'retryDelay' failed: ${sentence(failureText(error))} The default takes its place.`,
      );
      return pauseMs;
    }
  }

  /** The server delivers it again, or did so: a failure of this run must not disturb the next, nor end a message that it handles. */
  private reportTooLate({ failure }: Outcome): void {
    const { label } = this.definition;
    this.logger.warn(
      `${label} failed on ${this.describe()} after maxProcessingTime: ${sentence(failureText(failure))} It is delivered again anyway.`,
    );
  }

  private report(failure: unknown, pauseMs: number): void {
    const { label } = this.definition;
    this.logger.warn(
      `${label} failed on ${this.describe()}: ${sentence(failureText(failure))} Tried again in ${pauseMs} ms.`,
    );
  }

  private describe(): string {
    const { subject, info } = this.message;
    return `'${subject}' (sequence ${info.streamSequence}, attempt ${this.message.attempt})`;
  }
}
