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

  /**
   * @param start begins an event or a batch, which calls {@link release} when it ends
   * @param placesOf returns how many events an item counts as
   */
  constructor(
    private readonly max: number,
    private readonly start: (event: Event) => void,
    private readonly placesOf: (event: Event) => number = () => 1,
  ) {}

  /** Counts events or a request until {@link end}. */
  begin(count = 1): void {
    this.open += count;
  }

  end(count = 1): void {
    this.open -= count;
    if (this.open === 0) this.onNone?.();
  }

  /** Starts an event at once, or when earlier ones have released their places. */
  enter(event: Event): void {
    const places = this.placesOf(event);
    if (this.waiting.length > 0 || !this.hasRoomFor(places)) {
      this.waiting.push(event);
      return;
    }
    this.running += places;
    this.start(event);
  }

  /** Releases the places of an event or a batch that was started. */
  release(places = 1): void {
    this.running -= places;
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
    for (let event = this.waiting[this.next]; event !== undefined; event = this.waiting[this.next]) {
      const places = this.placesOf(event);
      if (!this.hasRoomFor(places)) break;
      this.waiting[this.next++] = undefined;
      this.running += places;
      this.start(event);
    }
    this.isStarting = false;
    this.compact();
  }

  /** A batch that is larger than the limit runs alone. */
  private hasRoomFor(places: number): boolean {
    return this.running + places <= this.max || this.running === 0;
  }

  private compact(): void {
    if (this.next < this.waiting.length && this.next * 2 < this.waiting.length) return;
    this.waiting = this.next < this.waiting.length ? this.waiting.slice(this.next) : [];
    this.next = 0;
  }
}
