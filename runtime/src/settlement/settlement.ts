import type { Logger } from '@nestjs/common';
import type { ConsumerDefinition } from '../consumer/consumer-definition';
import { retryDelayMs } from '../consumer/retry-delay';
import type { DeadLetters } from '../dead-letter/dead-letters';
import { failureText } from '../dead-letter/failure-text';
import type { JetStreamMessage } from '../message/jetstream-message';
import type { Outcome } from './outcome';

const CONFIRMATION_ATTEMPTS = 3;

/** Tells the server what becomes of one message: once, whoever decides first. Never rejects. */
export class Settlement {
  private applied: Promise<void> | undefined;

  constructor(
    private readonly definition: ConsumerDefinition,
    private readonly message: JetStreamMessage,
    private readonly deadLetters: DeadLetters,
    private readonly logger: Logger,
  ) {}

  /** True once decided here, or by the handler through `context.message`. */
  get isDecided(): boolean {
    return this.applied !== undefined || this.message.settledAs !== undefined;
  }

  /** Resolves when the outcome is sent, and with `ackMode: 'double'` confirmed. */
  decide(outcome: Outcome): Promise<void> {
    if (this.isDecided) {
      this.logger.warn(
        `${this.definition.label}: ${this.describe()} was settled before; '${outcome.kind}' has no effect.`,
      );
      return this.applied ?? Promise.resolve();
    }
    this.applied = this.apply(outcome).catch((error: unknown) => {
      this.logger.warn(
        `The outcome of ${this.describe()} could not be sent (${failureText(error)}). It is delivered again.`,
      );
    });
    return this.applied;
  }

  private async apply({ kind, delayMs, failure }: Outcome): Promise<void> {
    const { settings } = this.definition;
    if (kind === 'ack') return this.acknowledge();
    const isLast = settings.maxDeliver > 0 && this.message.info.deliveryCount >= settings.maxDeliver;
    if (kind === 'retry' && !isLast) return this.retry(delayMs, failure);
    return this.deadLetters.bury(this.definition, this.message, failure);
  }

  private async acknowledge(): Promise<void> {
    if (this.definition.settings.ackMode === 'single') return this.message.ack();
    for (let attempt = 1; ; attempt++) {
      try {
        await this.message.ackAck();
        return;
      } catch (error) {
        if (attempt === CONFIRMATION_ATTEMPTS) throw error;
      }
    }
  }

  private retry(delayMs: number | undefined, failure: unknown): void {
    const { settings, label } = this.definition;
    const pauseMs = delayMs ?? retryDelayMs(settings.retryDelaysMs, this.message.info.deliveryCount);
    this.logger.warn(
      `${label} failed on ${this.describe()}: ${failureText(failure)}. Delivered again in ${pauseMs} ms.`,
    );
    this.message.nak(pauseMs);
  }

  private describe(): string {
    const { subject, info } = this.message;
    return `'${subject}' (sequence ${info.streamSequence}, delivery ${info.deliveryCount})`;
  }
}
