import { decodeWithin } from '../../message/decode-within';
import type { JetStreamMessage } from '../../message/jetstream-message';
import type { ConsumerDefinition } from '../consumer-definition';
import type { ProcessBatch, ReceivedEvent, RefuseMessage } from '../consumer-run';
import type { Dispatch } from '../dispatch';
import type { BatchSettings } from './batch-options';

interface Waiting extends ReceivedEvent {
  readonly since: number;
}

/**
 * Many messages to one run of the handler. They are decoded as they arrive, so that one that cannot be read, or takes its time,
 * holds up no other. A batch is made when there is a slot for it, and goes on filling until then.
 */
export class BatchDispatch<Definition extends ConsumerDefinition> implements Dispatch {
  private readonly decoding = new Set<JetStreamMessage>();
  private waiting: Waiting[] = [];
  private timer: NodeJS.Timeout | undefined;
  private readonly refusals = new Set<Promise<void>>();
  private readonly batches = new Set<Promise<void>>();
  private stopped = false;

  constructor(
    private readonly definition: Definition,
    private readonly batch: BatchSettings,
    private readonly process: ProcessBatch<Definition>,
    private readonly refuse: RefuseMessage<Definition>,
    private readonly finished: (message: JetStreamMessage) => void,
  ) {}

  get running(): number {
    return this.batches.size;
  }

  add(message: JetStreamMessage): void {
    try {
      const event = decodeWithin(message, this.definition.settings.decodeLimitMs);
      if (!(event instanceof Promise)) return this.line(message, event);
      this.decoding.add(message);
      event
        .finally(() => this.decoding.delete(message))
        .then(
          (value) => this.line(message, value),
          (failure: unknown) => this.giveUp(message, failure),
        );
    } catch (failure) {
      this.giveUp(message, failure);
    }
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    const handedBack = [...this.waiting.splice(0).map(({ message }) => message), ...this.decoding];
    for (const message of handedBack) message.nak();
  }

  async idle(): Promise<void> {
    while (this.batches.size + this.refusals.size > 0) await Promise.all([...this.batches, ...this.refusals]);
  }

  private line(message: JetStreamMessage, event: unknown): void {
    if (this.stopped) return message.nak();
    this.waiting.push({ message, event, since: performance.now() });
    this.fill();
  }

  private giveUp(message: JetStreamMessage, failure: unknown): void {
    if (this.stopped) return message.nak();
    track(this.refusals, this.refuse(this.definition, message, failure), () => this.finished(message));
  }

  private fill(): void {
    clearTimeout(this.timer);
    while (!this.stopped && this.batches.size < this.definition.settings.concurrency) {
      const [first] = this.waiting;
      if (!first) return;
      const leftMs = first.since + this.batch.timeoutMs - performance.now();
      if (this.waiting.length < this.batch.size && leftMs > 0) {
        this.timer = setTimeout(() => this.fill(), leftMs);
        return;
      }
      this.start(this.waiting.splice(0, this.batch.size));
    }
  }

  private start(taken: readonly Waiting[]): void {
    // One that waited longer than maxProcessingTime is with the server again.
    const batch = taken.filter(({ message }) => !message.isAborted);
    for (const { message } of taken) if (message.isAborted) this.finished(message);
    if (batch.length === 0) return;
    batch.sort((one, other) => one.message.seq - other.message.seq);
    track(this.batches, this.process(this.definition, batch), () => {
      for (const { message } of batch) this.finished(message);
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
