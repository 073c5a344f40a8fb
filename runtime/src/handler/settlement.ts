import type { ConsumerDefinition } from '../consumer/consumer-definition';
import { usualPause } from '../consumer/options/retry-delay';
import type { ConsumerSlot } from '../consumer/runner';
import type { Attempt } from '../dead-letter/attempt-record';
import { PROCESS_EXITED } from '../message/dead-letter';
import { failureReport, failureText, sentence } from '../errors/thrown-value';
import type { JetStreamMessage } from '../message/jetstream-message';
import type { AckType, DeliveredMessage } from '../message/message-state';
import type { Outcome } from '../message/outcome';
import type { TelemetryOutcome } from '../telemetry/telemetry';
import type { HandlerRuntime } from './handler-runtime';
import { reportDeadLetter } from './observed-run';

const CONFIRMATION_ATTEMPTS = 3;
/** Time in which deliveries that did not run are recorded. */
const DISCOUNT_WITHIN_MS = 2_000;
const SENT = Promise.resolve();
const RESULTS = { ack: 'ack', nak: 'retry', term: 'terminate' } as const satisfies Record<AckType, TelemetryOutcome>;

/** Settles one message on the server. The first decision wins. Never rejects. */
export class Settlement {
  private applied: Promise<void> | undefined;
  private judged: Attempt | undefined;
  /** The delivery that `judged` refers to. */
  private delivered: DeliveredMessage | undefined;
  /** True if the dead letter is stored, or waits until it can be. */
  private isDeadLettered = false;

  constructor(
    private readonly definition: ConsumerDefinition,
    readonly message: JetStreamMessage,
    private readonly slot: ConsumerSlot,
    private readonly runtime: Pick<HandlerRuntime, 'deadLetters' | 'attempts' | 'logger' | 'telemetry'>,
  ) {}

  /** True after a decision here, or by the handler through `context.message`. */
  get isDecided(): boolean {
    return this.applied !== undefined || this.message.settledAs !== undefined;
  }

  /** Result for telemetry. */
  get result(): TelemetryOutcome {
    if (this.isDeadLettered) return 'dead_letter';
    const { settledAs } = this.message;
    return settledAs === undefined ? 'unsettled' : RESULTS[settledAs];
  }

  /** Returns true if this attempt may be the final one or later. The ledger has the exact count. */
  mayBeExhausted(): boolean {
    const { attempt } = this.message;
    const { maxDeliver } = this.slot;
    this.judged = undefined;
    this.delivered = undefined;
    return maxDeliver > 0 && attempt >= maxDeliver && attempt > 1;
  }

  /**
   * Looks up in the ledger whether the final attempt has begun before. If so, the message is
   * dead-lettered without another run. Resolves to true if nothing is left to do, otherwise the
   * message waits for {@link resume}.
   */
  async isExhausted(): Promise<boolean> {
    const { message, runtime, slot } = this;
    slot.pause(message);
    this.delivered = message.delivered;
    this.judged = await runtime.attempts.judge(this.delivered, slot.maxDeliver);
    if (!this.judged) {
      // The application is shutting down.
      await this.withdraw();
      message.nak();
      return true;
    }
    message.handedBack = message.deliveries - this.judged.attempt;
    if (this.judged.is === 'run') return false;
    await this.moveToDeadLetters(PROCESS_EXITED).catch((error: unknown) => this.reportUnsent(error));
    return true;
  }

  /** Records that a final attempt begins. Call it directly before the handler. */
  begin(): void {
    if (this.delivered) this.runtime.attempts.begin(this.delivered);
  }

  /**
   * Continues after the decision about the attempt. Resolves to false if the message must not run
   * here any more.
   */
  async resume(): Promise<boolean> {
    if (this.slot.resume(this.message)) return true;
    await this.withdraw();
    return false;
  }

  /** Withdraws a final attempt that was recorded but does not begin. */
  private async withdraw(): Promise<void> {
    const { message } = this;
    // After a retry in this process the delivery has run, so it counts.
    if (message.runs <= 1) await this.discount([message.delivered, ...message.redeliveries]);
  }

  /** Resolves when the outcome is sent or, with `ackMode: 'double'`, confirmed. */
  decide(outcome: Outcome, isReported = false): Promise<void> {
    const { definition, runtime } = this;
    if (this.isDecided) {
      runtime.logger.warn(
        `${definition.label}: ${this.describe()} is already settled. '${outcome.kind}' has no effect.`,
      );
      return this.applied ?? SENT;
    }
    const isAtOnce = outcome.kind === 'ack' && definition.settings.ackMode === 'single';
    this.applied = isAtOnce
      ? this.acknowledgeAtOnce()
      : this.apply(outcome, isReported).catch((error: unknown) => this.reportUnsent(error));
    return this.applied;
  }

  /**
   * Settles the outcome of a run, unless the handler has settled the message itself. Returns
   * undefined if nothing is pending, because a promise for each message would cost more.
   */
  conclude(outcome: Outcome | undefined): Promise<void> | undefined {
    const { message, definition, runtime } = this;
    if (!this.isDecided) {
      if (outcome) return pending(this.decide(outcome));
      runtime.logger.warn(`${definition.label} returned without settling ${this.describe()}.`);
    } else if (outcome && outcome.kind !== 'ack') {
      const what = `${definition.label} failed after it had settled '${message.subject}'`;
      runtime.logger.warn(failureReport(what, outcome.failure));
    }
    return pending(this.applied);
  }

  /**
   * Returns the delay in ms before a message with a key is retried in this process, or undefined if
   * the outcome must be settled on the server.
   */
  pauseBeforeLocalRetry(outcome: Outcome | undefined): number | undefined {
    const { settings } = this.definition;
    if (!settings.orderBy || this.isDecided || outcome?.kind !== 'retry' || this.isFinal) return undefined;
    if (this.message.state !== 'running') return undefined;
    const pauseMs = this.pauseBeforeRetry(outcome);
    this.report(outcome.failure, pauseMs);
    return pauseMs;
  }

  private get isFinal(): boolean {
    if (this.judged) return this.judged.is === 'exhausted' || this.judged.isFinal;
    return this.slot.maxDeliver === 1;
  }

  private async apply(outcome: Outcome, isReported: boolean): Promise<void> {
    const { kind, failure } = outcome;
    if (kind === 'ack') return this.acknowledgeTwice();
    const { state } = this.message;
    if (state === 'overdue' || state === 'abandoned') return this.reportTooLate(outcome);
    if (kind === 'retry' && !this.isFinal) return this.retry(outcome, isReported);
    return this.moveToDeadLetters(failure);
  }

  /**
   * Resolves early if the dead letter cannot be stored yet, because other messages need the slot.
   */
  private moveToDeadLetters(failure: unknown): Promise<void> {
    const { definition, message, slot, runtime } = this;
    return new Promise((resolve, reject) => {
      const onHeld = (): void => {
        this.isDeadLettered = true;
        slot.hold(message);
        resolve();
      };
      runtime.deadLetters
        .moveToDeadLetters(definition, message, { attempts: this.message.attempt, failure }, onHeld)
        .then((isStored) => {
          this.isDeadLettered = isStored;
          const { telemetry } = runtime;
          if (telemetry && isStored) reportDeadLetter(telemetry, definition, message, failure);
          resolve();
        })
        .catch(reject);
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
    this.runtime.logger.warn(
      `The outcome of ${this.describe()} could not be sent: ${sentence(failureText(error))} The message will be redelivered.`,
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

  private async retry(outcome: Outcome, isReported: boolean): Promise<void> {
    const pauseMs = this.pauseBeforeRetry(outcome);
    if (!isReported) this.report(outcome.failure, pauseMs);
    if (this.slot.maxDeliver > 0) await this.discount(this.message.redeliveries);
    this.message.nak(pauseMs);
  }

  /** Records deliveries that did not run, so that they do not count as attempts. */
  private async discount(deliveries: readonly DeliveredMessage[]): Promise<void> {
    if (deliveries.length > 0) await this.runtime.attempts.handBack(deliveries, DISCOUNT_WITHIN_MS);
  }

  /** Falls back to the default delays if `retryDelay` throws or returns an invalid duration. */
  private pauseBeforeRetry({ delayMs, failure }: Outcome): number {
    const { settings, label } = this.definition;
    try {
      return delayMs ?? settings.retryPause(this.message.attempt, failure);
    } catch (error) {
      this.runtime.logger.error(
        `${label}: 'retryDelay' failed: ${sentence(failureText(error))} The default delay is used.`,
      );
      return usualPause(this.message.attempt, failure);
    }
  }

  /** The server redelivers the message, so a late failure must not affect its next run. */
  private reportTooLate({ failure }: Outcome): void {
    const what = `${this.definition.label} failed on ${this.describe()} after maxProcessingTime`;
    this.runtime.logger.warn(failureReport(what, failure, 'The message is redelivered anyway.'));
  }

  private report(failure: unknown, pauseMs: number): void {
    const what = `${this.definition.label} failed on ${this.describe()}`;
    this.runtime.logger.warn(failureReport(what, failure, `Retrying in ${pauseMs} ms.`));
  }

  private describe(): string {
    return `'${this.message.subject}' (sequence ${this.message.seq}, attempt ${this.message.attempt})`;
  }
}

function pending(settled: Promise<void> | undefined): Promise<void> | undefined {
  return settled === SENT ? undefined : settled;
}
