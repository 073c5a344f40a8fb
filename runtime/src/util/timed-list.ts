import { LONGEST_TIMER_MS } from './duration';

/** An item of a {@link TimedList}. */
export interface Timed {
  dueAt: number;
  before: Timed | undefined;
  after: Timed | undefined;
}

/** A timer that fires later than this shows that the event loop was blocked. */
const BLOCKED_MS = 50;

/**
 * Items with the same time limit, in order of arrival. They share one timer, so adding or removing
 * an item needs none. The timer does not keep the process alive.
 */
export class TimedList<Item extends Timed> {
  private first: Item | undefined;
  private last: Item | undefined;
  private timer: NodeJS.Timeout | undefined;
  private timerDueAt = 0;
  /** Time that was added because the event loop was blocked. */
  private extraMs = 0;

  constructor(
    private readonly limitMs: number,
    /** Called with each overdue item. It must remove the item. */
    private readonly onOverdue: (item: Item) => void,
  ) {}

  add(item: Item): void {
    item.dueAt = performance.now() + this.limitMs;
    item.before = this.last;
    item.after = undefined;
    if (this.last) this.last.after = item;
    else this.first = item;
    this.last = item;
    if (!this.timer) this.wait(this.limitMs);
  }

  remove(item: Item): void {
    if (item.before) item.before.after = item.after;
    else this.first = item.after as Item | undefined;
    if (item.after) item.after.before = item.before;
    else this.last = item.before as Item | undefined;
  }

  get isIdle(): boolean {
    return !this.first && !this.timer;
  }

  private wait(millis: number): void {
    const pauseMs = Math.min(Math.ceil(millis), LONGEST_TIMER_MS);
    this.timerDueAt = performance.now() + pauseMs;
    // Timers run before sockets are read.
    const look = (): void => void setImmediate(() => this.look());
    this.timer = setTimeout(look, pauseMs).unref();
  }

  private look(): void {
    if (!this.timer) return;
    this.timer = undefined;
    const now = performance.now();
    const blockedMs = now - this.timerDueAt;
    if (this.first && blockedMs > BLOCKED_MS && this.extraMs < this.limitMs) {
      // The data that the items wait for may have arrived without being read yet.
      const extraMs = Math.min(blockedMs, this.limitMs - this.extraMs);
      this.extraMs += extraMs;
      return this.wait(extraMs);
    }
    this.extraMs = 0;
    for (let { first } = this; first && first.dueAt <= now; first = this.first) this.onOverdue(first);
    if (this.first && !this.timer) this.wait(this.first.dueAt - now);
  }
}
