import type { JetStreamMessage } from '../message/jetstream-message';
import type { BatchSettings } from './options/batch-options';
import type { HandlerDefinition } from './consumer-definition';
import type { HandBack } from './hand-back';
import type { MessageHandlers, ReceivedEvent, Runner, RunnerSlot } from './runner';

interface Waiting extends ReceivedEvent {
  readonly sinceMs: number;
}

/**
 * Runs the handler once per batch. Messages are decoded as they arrive, so that a slow or invalid
 * one does not hold up the others. A batch fills until a slot is free for it.
 */
export class BatchRunner implements Runner {
  private readonly decoding = new Map<JetStreamMessage, Promise<void>>();
  private readonly refusals = new Set<Promise<void>>();
  private readonly batches = new Set<Promise<void>>();
  private queue: Waiting[] = [];
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private draining = false;

  constructor(
    private readonly definition: HandlerDefinition,
    private readonly batch: BatchSettings,
    private readonly handlers: MessageHandlers,
    private readonly slot: RunnerSlot,
    private readonly tooLate: Pick<HandBack, 'add'>,
  ) {}

  get running(): number {
    return this.batches.size;
  }

  get waiting(): number {
    return this.queue.length + this.decoding.size;
  }

  add(message: JetStreamMessage): void {
    try {
      const event = message.decodeWithin(this.definition.settings.decodeLimitMs);
      if (!(event instanceof Promise)) return this.enqueue(message, event);
      const decoded = event.then(
        (value: unknown) => {
          if (this.decoding.delete(message)) this.enqueue(message, value);
        },
        (failure: unknown) => {
          if (this.decoding.delete(message)) this.refuse(message, failure);
        },
      );
      this.decoding.set(message, decoded);
    } catch (failure) {
      this.refuse(message, failure);
    }
  }

  stop(): readonly JetStreamMessage[] {
    this.stopped = true;
    clearTimeout(this.timer);
    const waiting = [...this.queue.splice(0).map(({ message }) => message), ...this.decoding.keys()];
    this.decoding.clear();
    return waiting;
  }

  async idle(): Promise<void> {
    while (this.batches.size + this.refusals.size > 0) await Promise.all([...this.batches, ...this.refusals]);
  }

  async drain(): Promise<void> {
    this.draining = true;
    this.fill();
    // Decoding has its own time limit.
    while (this.decoding.size + this.batches.size + this.refusals.size > 0)
      await Promise.all([...this.decoding.values(), ...this.batches, ...this.refusals]);
  }

  private enqueue(message: JetStreamMessage, event: unknown): void {
    if (this.stopped) return this.tooLate.add([message]);
    this.queue.push({ message, event, sinceMs: performance.now() });
    this.fill();
  }

  private refuse(message: JetStreamMessage, failure: unknown): void {
    if (this.stopped) return this.tooLate.add([message]);
    const refused = this.handlers.refuse(this.definition, message, failure, this.slot);
    track(this.refusals, refused, () => this.slot.end(message));
  }

  private fill(): void {
    clearTimeout(this.timer);
    while (!this.stopped && this.batches.size < this.definition.settings.concurrency) {
      const [first] = this.queue;
      if (!first) return;
      const leftMs = first.sinceMs + this.batch.timeoutMs - performance.now();
      if (this.queue.length < this.batch.size && leftMs > 0 && !this.draining) {
        this.timer = setTimeout(() => this.fill(), leftMs);
        return;
      }
      this.start(this.queue.splice(0, this.batch.size));
    }
  }

  private start(batch: readonly Waiting[]): void {
    const ordered = batch.toSorted((one, other) => one.message.seq - other.message.seq);
    track(this.batches, this.handlers.batch(this.definition, ordered, this.slot), () => {
      for (const { message } of ordered) this.slot.end(message);
      this.fill();
    });
  }
}

function track(tasks: Set<Promise<void>>, task: Promise<void>, ended: () => void): void {
  const tracked = task.then(() => {
    tasks.delete(tracked);
    ended();
  });
  tasks.add(tracked);
}
