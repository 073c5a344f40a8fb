const FIRST_SIZE = 16;

/** First in, first out, in a ring: an array would move all that waits at each `shift`. */
export class FifoQueue<Item> {
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
