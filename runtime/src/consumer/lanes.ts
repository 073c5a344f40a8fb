/** Calls `done` once, now or later. It must not throw. */
export type Work<Item> = (item: Item, done: (item: Item) => void) => void;

/**
 * Runs items in the order of their arrival, at most `width` at a time. Items of one key run one
 * after the other, and do not hold up other keys.
 */
export class Lanes<Item extends object> {
  private readonly ready = new FifoQueue<Item>();
  private readonly keys = new Map<Item, string>();
  /** Items that wait for another of their key, which is ready or runs. */
  private readonly behind = new Map<string, Item[]>();
  private running = 0;
  private filling = false;
  private whenIdle: (() => void)[] = [];

  constructor(
    private readonly width: number,
    private readonly work: Work<Item>,
    /** Called with each item that is done, before the next one runs. */
    private readonly done: (item: Item) => void,
  ) {}

  /** Number of items that run. */
  get size(): number {
    return this.running;
  }

  add(item: Item, key?: string): void {
    if (key !== undefined && this.waitsBehind(key, item)) return;
    this.ready.push(item);
    this.fill();
  }

  /** Removes and returns the items that wait. */
  clear(): Item[] {
    const waiting: Item[] = [];
    for (let item = this.ready.shift(); item; item = this.ready.shift()) waiting.push(item);
    for (const line of this.behind.values()) waiting.push(...line.splice(0));
    for (const item of waiting) this.keys.delete(item);
    return waiting;
  }

  /** Resolves when nothing runs. */
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
    // An item that is done at once calls `fill` again: this loop continues instead of a deeper call.
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

const FIRST_SIZE = 16;

/** A queue in a ring: an array would move all its items at each `shift`. */
class FifoQueue<Item> {
  private slots: (Item | undefined)[] = emptySlots(FIRST_SIZE);
  private head = 0;
  private size = 0;

  push(item: Item): void {
    if (this.size === this.slots.length) this.grow();
    this.slots[(this.head + this.size) % this.slots.length] = item;
    this.size++;
  }

  shift(): Item | undefined {
    if (this.size === 0) return undefined;
    const item = this.slots[this.head];
    this.slots[this.head] = undefined;
    this.head = (this.head + 1) % this.slots.length;
    this.size--;
    return item;
  }

  private grow(): void {
    const { slots, head } = this;
    this.slots = [...slots.slice(head), ...slots.slice(0, head), ...emptySlots<Item>(slots.length)];
    this.head = 0;
  }
}

function emptySlots<Item>(count: number): (Item | undefined)[] {
  return Array.from({ length: count }, () => undefined);
}
