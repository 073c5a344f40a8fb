import { setTimeout as delay } from 'node:timers/promises';

/**
 * Limits how many events of a client are in flight, and counts what a client that closes waits for.
 */
export class InFlight<Event> {
  private open = 0;
  private running = 0;
  private waiting: (Event | undefined)[] = [];
  private next = 0;
  private isStarting = false;
  private onNone: (() => void) | undefined;

  /** @param start begins an event, which calls {@link release} when it ends */
  constructor(
    private readonly max: number,
    private readonly start: (event: Event) => void,
  ) {}

  /** Counts an event or a request until {@link end}. */
  begin(): void {
    this.open++;
  }

  end(): void {
    this.open--;
    if (this.open === 0) this.onNone?.();
  }

  /** Starts an event at once, or when earlier ones have released their places. */
  enter(event: Event): void {
    if (this.running >= this.max || this.waiting.length > 0) {
      this.waiting.push(event);
      return;
    }
    this.running++;
    this.start(event);
  }

  /** Releases the place of an event that was started. */
  release(): void {
    this.running--;
    if (this.waiting.length > 0) this.startNext();
  }

  /** Resolves once all has ended, or after `millis`, to the number of those that have not. */
  async ended(millis: number): Promise<number> {
    if (this.open === 0) return 0;
    const timer = new AbortController();
    const late = delay(millis, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([new Promise<void>((resolve) => (this.onNone = resolve)), late]);
    timer.abort();
    return this.open;
  }

  /** Removes the events that were not started, and returns them. */
  takeWaiting(): Event[] {
    const events = this.waiting.slice(this.next).filter((event) => event !== undefined);
    this.waiting = [];
    this.next = 0;
    return events;
  }

  /** A loop, because an event may release its place while it starts. */
  private startNext(): void {
    if (this.isStarting) return;
    this.isStarting = true;
    while (this.running < this.max && this.next < this.waiting.length) {
      const event = this.waiting[this.next];
      this.waiting[this.next++] = undefined;
      if (event === undefined) continue;
      this.running++;
      this.start(event);
    }
    this.isStarting = false;
    this.compact();
  }

  private compact(): void {
    if (this.next < this.waiting.length && this.next * 2 < this.waiting.length) return;
    this.waiting = this.next < this.waiting.length ? this.waiting.slice(this.next) : [];
    this.next = 0;
  }
}
