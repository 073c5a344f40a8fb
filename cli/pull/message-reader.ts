import type { JetStreamManager, MsgRequest, NextMsgRequest, SeqMsgRequest } from '@nats-io/jetstream';
import type { MsgHdrs } from '@nats-io/transport-node';

/** A message that a stream stores. */
export interface StoredMessage {
  readonly subject: string;
  readonly sequence: number;
  readonly headers: MsgHdrs;
  readonly data: Uint8Array;
}

/** Limits of the messages that a command reads. */
export interface ReadLimits {
  /** Messages of each pattern. */
  readonly messages: number;
  /**
   * Bytes of each pattern. Reading stops after the message that exceeds it, except for the last.
   */
  readonly bytes: number;
  /** Time for all patterns. */
  readonly timeMs: number;
}

const CONCURRENCY = 8;
/** With larger messages, several requests at a time could fill the memory. */
const MAX_PARALLEL_PAYLOAD = 8 * 1024 * 1024;
/** Fraction of the golden ratio, which spreads positions without a period. */
const GOLDEN = 0.618_033_988_75;

/**
 * Reads a bounded number of stored messages, spread over the age of a stream. It creates no
 * consumer. An unchanged stream gives the same messages.
 */
export class MessageReader {
  private readonly deadline: number;
  private readonly concurrency: number;

  /** @param maxPayload maximum size of a message on the server */
  constructor(
    private readonly manager: JetStreamManager,
    private readonly stream: string,
    private readonly limits: ReadLimits,
    maxPayload: number,
  ) {
    this.deadline = Date.now() + limits.timeMs;
    this.concurrency = maxPayload > MAX_PARALLEL_PAYLOAD ? 1 : CONCURRENCY;
  }

  /** True if there is no more time. */
  get isLate(): boolean {
    return Date.now() > this.deadline;
  }

  /** Returns messages of a pattern in the order of their sequences. Throws errors of nats.js. */
  async read(pattern: string): Promise<StoredMessage[]> {
    const first = await this.next(pattern, 1);
    const last = first && (await this.get({ last_by_subj: pattern }));
    if (!first || !last) return [];
    const read = new Sample(this.limits, this.limits.messages > 1 ? [first, last] : [last]);
    const range = last.sequence - first.sequence;
    if (range >= this.limits.messages) await this.spread(pattern, first.sequence, last.sequence, read);
    await this.fill(pattern, first.sequence, last.sequence, read);
    return read.messages();
  }

  /** Reads messages at positions between the first and the last one. */
  private async spread(pattern: string, first: number, last: number, read: Sample): Promise<void> {
    const count = this.limits.messages;
    const step = (last - first) / count;
    const positions = Array.from({ length: count }, (_, at) => first + Math.floor((at + ((at * GOLDEN) % 1)) * step));
    const work = async (): Promise<void> => {
      for (let position = positions.shift(); position !== undefined; position = positions.shift()) {
        if (read.isFull || this.isLate) return;
        read.add(await this.next(pattern, position));
      }
    };
    await Promise.all(Array.from({ length: this.concurrency }, work));
  }

  /**
   * Reads messages from the first one on, because those of a rare subject may be close together.
   */
  private async fill(pattern: string, first: number, last: number, read: Sample): Promise<void> {
    let sequence = first;
    for (let steps = 0; steps < this.limits.messages && !read.isFull && !this.isLate && sequence < last; steps += 1) {
      const message = await this.next(pattern, sequence + 1);
      if (!message) return;
      read.add(message);
      ({ sequence } = message);
    }
  }

  private async next(pattern: string, sequence: number): Promise<StoredMessage | undefined> {
    const query: SeqMsgRequest & NextMsgRequest = { seq: sequence, next_by_subj: pattern };
    return this.get(query);
  }

  private async get(query: MsgRequest): Promise<StoredMessage | undefined> {
    const message = await this.manager.streams.getMessage(this.stream, query);
    if (!message) return undefined;
    const { subject, seq: sequence, header: headers, data } = message;
    return { subject, sequence, headers, data };
  }
}

/** Messages by their sequence, up to the limits. */
class Sample {
  private readonly bySequence = new Map<number, StoredMessage>();
  private bytes = 0;

  constructor(
    private readonly limits: ReadLimits,
    messages: readonly StoredMessage[],
  ) {
    for (const message of messages) this.keep(message);
  }

  get isFull(): boolean {
    return this.bySequence.size >= this.limits.messages || this.bytes >= this.limits.bytes;
  }

  add(message: StoredMessage | undefined): void {
    if (message && !this.isFull && !this.bySequence.has(message.sequence)) this.keep(message);
  }

  private keep(message: StoredMessage): void {
    this.bySequence.set(message.sequence, message);
    this.bytes += message.data.length;
  }

  messages(): StoredMessage[] {
    return [...this.bySequence.values()].toSorted((a, b) => a.sequence - b.sequence);
  }
}
