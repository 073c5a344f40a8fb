import { FifoQueue } from './fifo-queue';

/**
 * Works on items in the order they came, on at most `width` at a time; items of one key one after the other, which hold up no
 * other key.
 */
export class Lanes<Item extends object> {
  private readonly ready = new FifoQueue<Item>();
  private readonly keys = new Map<Item, string>();
  /** Those that wait for one of their own key, which is ready or worked on. */
  private readonly behind = new Map<string, Item[]>();
  private running = 0;
  private filling = false;
  private whenIdle: (() => void)[] = [];

  /**
   * @param work takes an item, and calls `done` once, now or later; must not throw
   * @param done is told of each item that is done with, before the next one's turn
   */
  constructor(
    private readonly width: number,
    private readonly work: (item: Item, done: (item: Item) => void) => void,
    private readonly done: (item: Item) => void,
  ) {}

  get size(): number {
    return this.running;
  }

  add(item: Item, key?: string): void {
    if (key !== undefined && this.waitsBehind(key, item)) return;
    this.ready.push(item);
    this.fill();
  }

  /** Takes out the items that wait. */
  clear(): Item[] {
    const waiting: Item[] = [];
    for (let item = this.ready.shift(); item; item = this.ready.shift()) waiting.push(item);
    for (const line of this.behind.values()) waiting.push(...line.splice(0));
    for (const item of waiting) this.keys.delete(item);
    return waiting;
  }

  /** Resolves when nothing runs or waits. */
  async idle(): Promise<void> {
    if (this.running > 0) await new Promise<void>((resolve) => this.whenIdle.push(resolve));
  }

  private waitsBehind(key: string, item: Item): boolean {
    this.keys.set(item, key);
    const line = this.behind.get(key);
    if (line) line.push(item);
    else this.behind.set(key, []);
    return line !== undefined;
  }

  private fill(): void {
    // What is done at once comes back here: this loop goes on with what is next, instead of a deeper call.
    if (this.filling) return;
    this.filling = true;
    while (this.running < this.width) {
      const item = this.ready.shift();
      if (!item) break;
      this.running++;
      this.work(item, this.finish);
    }
    this.filling = false;
    if (this.running === 0 && this.whenIdle.length > 0) this.whenIdle.splice(0).forEach((resolve) => resolve());
  }

  private readonly finish = (item: Item): void => {
    this.done(item);
    this.running--;
    if (this.keys.size > 0) this.freeKeyOf(item);
    this.fill();
  };

  private freeKeyOf(item: Item): void {
    const key = this.keys.get(item);
    if (key === undefined) return;
    this.keys.delete(item);
    const next = this.behind.get(key)?.shift();
    if (next) this.ready.push(next);
    else this.behind.delete(key);
  }
}
