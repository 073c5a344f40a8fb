import { LONGEST_TIMER_MS } from './duration';

/** What waits for something, at most until its list says that it is overdue. */
export interface Timed {
  dueAt: number;
  before: Timed | undefined;
  after: Timed | undefined;
}

/** A timer that fires later than this shows that the event loop was blocked. */
const BLOCKED_MS = 50;

/**
 * Things that all may take equally long, in the order of their beginning, with one timer for all of
 * them: adding and removing one costs no timer. The timer keeps no process alive.
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
    /** Removes it, at least. */
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
      // What the items waited for may have arrived, and was not read yet.
      const extraMs = Math.min(blockedMs, this.limitMs - this.extraMs);
      this.extraMs += extraMs;
      return this.wait(extraMs);
    }
    this.extraMs = 0;
    for (let { first } = this; first && first.dueAt <= now; first = this.first) this.onOverdue(first);
    if (this.first && !this.timer) this.wait(this.first.dueAt - now);
  }
}
