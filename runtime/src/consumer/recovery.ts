import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { failureText } from '../errors/failure-text';
import { sentence } from '../errors/sentence';
import type { ConsumerBinding } from './consumer-binding';

const PAUSE_MS = 500;

/** Brings a consumer back after whatever happened to it: a reconnect, a new leader, a deleted consumer, a deleted stream. */
export class Recovery {
  private readonly logger = new Logger('NatsJetStreamConsumer');
  private readonly stopping = new AbortController();
  private checking = false;
  private trouble: string | undefined;

  constructor(
    private readonly label: string,
    private readonly binding: ConsumerBinding,
    private readonly onRestored: () => void,
  ) {}

  /** What it is about, while one is underway. */
  get reason(): string | undefined {
    return this.trouble;
  }

  /** Goes on until the consumer is there, one recovery at a time. */
  begin(reason: string): void {
    if (this.trouble !== undefined || this.stopping.signal.aborted) return;
    this.trouble = reason;
    void this.recover(reason).finally(() => {
      this.trouble = undefined;
    });
  }

  /** Begins only when the consumer is not there, or nobody says so. */
  async check(): Promise<void> {
    if (this.checking || this.trouble !== undefined || this.stopping.signal.aborted) return;
    this.checking = true;
    try {
      if (!(await this.binding.isThere())) this.begin('its consumer is gone');
    } catch (error) {
      this.begin(`its consumer may be gone (${failureText(error)})`);
    } finally {
      this.checking = false;
    }
  }

  stop(): void {
    this.stopping.abort();
  }

  private async recover(reason: string): Promise<void> {
    const { signal } = this.stopping;
    let reported: string | undefined;
    while (!signal.aborted) {
      try {
        const restoration = await this.binding.restore();
        if (signal.aborted) return;
        this.report(restoration, reason);
        return this.onRestored();
      } catch (error) {
        const text = `${this.label}: ${reason}; no messages from stream '${this.binding.stream}': ${sentence(String(error))} Trying again.`;
        if (text !== reported) this.logger.error(text);
        reported = text;
        this.trouble = `${reason}; ${failureText(error)}`;
        await delay(PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private report(restoration: Awaited<ReturnType<ConsumerBinding['restore']>>, reason: string): void {
    const { stream, position } = this.binding;
    if (restoration === 'still there') return this.logger.debug(`${this.label}: ${reason}; pulling again.`);
    const from = restoration === 'made anew' ? `goes on at sequence ${position.resumeAt}` : 'begins at the start of it';
    this.logger.warn(`${this.label}: its consumer of stream '${stream}' was deleted. It was made anew and ${from}.`);
  }
}
