import { setTimeout as delay } from 'node:timers/promises';

/** Counts what has begun and not ended, so that who closes can wait for it. */
export class Underway {
  private count = 0;
  private whenNone: (() => void) | undefined;

  begin(): void {
    this.count++;
  }

  end(): void {
    this.count--;
    if (this.count === 0) this.whenNone?.();
  }

  /** Resolves once all has ended, or after `millis`: to the number of those that have not. */
  async ended(millis: number): Promise<number> {
    if (this.count === 0) return 0;
    const timer = new AbortController();
    const late = delay(millis, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([new Promise<void>((resolve) => (this.whenNone = resolve)), late]);
    timer.abort();
    return this.count;
  }
}
