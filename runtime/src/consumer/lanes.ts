type Task = () => Promise<void>;

interface Entry {
  readonly key: string | undefined;
  readonly task: Task;
}

/**
 * Runs tasks in the order they came, at most `width` at a time; tasks of one key run one after the other, and hold up no
 * other key. Tasks must not reject.
 */
export class Lanes {
  private readonly ready: Entry[] = [];
  private readonly behind = new Map<string, Entry[]>();
  private running = 0;
  private whenIdle: (() => void)[] = [];

  constructor(private readonly width: number) {}

  get size(): number {
    return this.running;
  }

  run(task: Task, key?: string): void {
    const entry = { key, task };
    const line = key === undefined ? undefined : this.behind.get(key);
    if (line) {
      line.push(entry);
      return;
    }
    if (key !== undefined) this.behind.set(key, []);
    this.ready.push(entry);
    this.fill();
  }

  /** Takes out the tasks that wait. */
  clear(): Task[] {
    const waiting = [...this.ready.splice(0), ...[...this.behind.values()].flatMap((line) => line.splice(0))];
    return waiting.map(({ task }) => task);
  }

  /** Resolves when nothing runs or waits. */
  async idle(): Promise<void> {
    if (this.running > 0) await new Promise<void>((resolve) => this.whenIdle.push(resolve));
  }

  private fill(): void {
    while (this.running < this.width) {
      const entry = this.ready.shift();
      if (!entry) break;
      this.running++;
      void entry.task().finally(() => this.finish(entry));
    }
    if (this.running === 0) this.whenIdle.splice(0).forEach((resolve) => resolve());
  }

  private finish({ key }: Entry): void {
    this.running--;
    if (key !== undefined) {
      const next = this.behind.get(key)?.shift();
      if (next) this.ready.push(next);
      else this.behind.delete(key);
    }
    this.fill();
  }
}
