import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { failureText, sentence } from '../../errors/thrown-value';
import type { ConsumerDefinition } from '../consumer-definition';
import type { BoundConsumer, Restoration } from './bound-consumer';

const PAUSE_MS = 500;

export interface RecoveryListener {
  /** Returns the first stream sequence to deliver, or undefined for the declared start. */
  resumeAt(): number | undefined;
  /** Called when the consumer exists again. */
  restored(restoration: Restoration): void;
}

/** Restores a consumer after a reconnect, a leader election, or a deleted consumer or stream. */
export class Recovery {
  private readonly logger = new Logger('NatsJetStreamConsumer');
  private readonly stopping = new AbortController();
  private lastError: string | undefined;

  constructor(
    private readonly definition: ConsumerDefinition,
    private readonly bound: BoundConsumer,
    private readonly listener: RecoveryListener,
  ) {}

  /** Reason of the recovery in progress, if any. */
  get reason(): string | undefined {
    return this.lastError;
  }

  /** Retries until the consumer exists. Has no effect during another recovery. */
  begin(reason: string): void {
    if (this.lastError !== undefined || this.stopping.signal.aborted) return;
    this.lastError = reason;
    void this.recover(reason).finally(() => {
      this.lastError = undefined;
    });
  }

  stop(): void {
    this.stopping.abort();
  }

  private async recover(reason: string): Promise<void> {
    const { signal } = this.stopping;
    let reported: string | undefined;
    while (!signal.aborted) {
      try {
        const restoration = await this.bound.restore(() => this.listener.resumeAt());
        if (signal.aborted) return;
        this.report(restoration, reason);
        return this.listener.restored(restoration);
      } catch (error) {
        const text =
          `${this.definition.label} receives no messages of stream '${this.bound.stream}' (${reason}): ` +
          `${sentence(failureText(error))} Trying again.`;
        if (text !== reported) this.logger.error(text);
        reported = text;
        this.lastError = `${reason}; ${failureText(error)}`;
        await delay(PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private report(restoration: Restoration, reason: string): void {
    const { label, durable, handlerName } = this.definition;
    const { stream } = this.bound;
    if (restoration.is === 'unchanged') return this.logger.debug(`${label} receives messages again (${reason}).`);
    const from =
      restoration.is === 'recreated' && restoration.resumeAt !== undefined
        ? `at sequence ${restoration.resumeAt}`
        : 'as declared';
    this.logger.warn(
      `Durable '${durable}' of stream '${stream}' was deleted. ${handlerName} recreated it, and it starts ${from}.`,
    );
  }
}
