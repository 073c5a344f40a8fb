import type { StreamInfo } from '@nats-io/jetstream';
import type { Connection } from '../nats/connect';
import { readStored, type StoredMessage } from '../nats/stored-messages';

/** Limits of the messages that a command reads. */
export interface ReadLimits {
  /** Messages of each pattern. */
  readonly messages: number;
  /** Bytes of each pattern. Reading stops after the message that exceeds it. */
  readonly bytes: number;
  /** Time for all patterns. */
  readonly timeMs: number;
}

/** Reads samples of a stream within limits. */
export class MessageReader {
  private readonly late: AbortSignal;

  constructor(
    private readonly connection: Connection,
    private readonly stream: StreamInfo,
    private readonly limits: ReadLimits,
  ) {
    this.late = AbortSignal.timeout(limits.timeMs);
  }

  /** True if there is no more time. */
  get isLate(): boolean {
    return this.late.aborted;
  }

  /**
   * Returns messages of a pattern in the order of their sequences.
   * @throws NatsCommandError
   */
  async read(subject: string): Promise<StoredMessage[]> {
    const full = new AbortController();
    const messages: StoredMessage[] = [];
    let bytes = 0;
    await readStored(this.connection, this.stream, {
      subject,
      limit: this.limits.messages,
      signal: AbortSignal.any([this.late, full.signal]),
      receive: (message) => {
        messages.push(message);
        bytes += message.data.length;
        if (bytes >= this.limits.bytes) full.abort();
      },
    });
    return messages.toSorted((a, b) => a.sequence - b.sequence);
  }
}
