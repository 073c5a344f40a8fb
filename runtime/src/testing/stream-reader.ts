import type {
  ConsumerInfo,
  JetStreamManager,
  NextMsgRequest,
  SeqMsgRequest,
  StoredMsg,
  StreamInfo,
} from '@nats-io/jetstream';
import { deadLetterStreamName } from '../stream/dead-letter-stream';

/**
 * Reads streams, consumers and messages from the server. Nothing is cached, because a test may
 * erase or redrive a message at any time.
 */
export class StreamReader {
  constructor(private readonly manager: JetStreamManager) {}

  async streams(): Promise<StreamInfo[]> {
    return listed(this.manager.streams.list());
  }

  async consumers(stream: string): Promise<ConsumerInfo[]> {
    return listed(this.manager.consumers.list(stream));
  }

  async messages(stream: string): Promise<StoredMsg[]> {
    const messages: StoredMsg[] = [];
    const next = async (seq: number): Promise<StoredMsg | null> => {
      const request: SeqMsgRequest & NextMsgRequest = { seq, next_by_subj: '>' };
      return this.manager.streams.getMessage(stream, request);
    };
    for (let message = await next(1); message; message = await next(message.seq + 1)) messages.push(message);
    return messages;
  }

  /** Returns the dead letters of a stream. */
  async deadLetters(stream: string, streams: readonly StreamInfo[]): Promise<StoredMsg[]> {
    const name = deadLetterStreamName(stream);
    return streams.some(({ config }) => config.name === name) ? this.messages(name) : [];
  }

  /** Empties a stream and resolves to the last sequence that it had. */
  async purge(stream: string): Promise<number> {
    await this.manager.streams.purge(stream);
    const { state } = await this.manager.streams.info(stream);
    return state.first_seq - 1;
  }
}

async function listed<T>(lister: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of lister) all.push(item);
  return all;
}
