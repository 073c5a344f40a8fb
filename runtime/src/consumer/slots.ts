/** At most `count` holders at a time; the others wait in line. */
export class Slots {
  private readonly waiting: (() => void)[] = [];
  private held = 0;

  constructor(private readonly count: number) {}

  get free(): number {
    return Math.max(0, this.count - this.held);
  }

  /** Resolves to the function that gives the slot back. */
  async take(): Promise<() => void> {
    if (this.held >= this.count) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.held++;
    return () => this.giveBack();
  }

  private giveBack(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.held--;
  }
}
