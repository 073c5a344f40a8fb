import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';

const STREAM = 'KEPT';

/**
 * Publishes a message into a stream on disk, which is created if missing, and waits for the PubAck.
 */
export async function storeMessage(url: string, text: string): Promise<void> {
  await withConnection(url, async (connection) => {
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: STREAM, subjects: ['kept.>'] });
    await jetstream(connection).publish('kept.message', text);
  });
}

/** Returns the texts in the stream. */
export async function storedMessages(url: string): Promise<string[]> {
  return withConnection(url, async (connection) => {
    const { streams } = await jetstreamManager(connection);
    const { state } = await streams.info(STREAM);
    const sequences = Array.from({ length: state.messages }, (_, index) => state.first_seq + index);
    const messages = await Promise.all(sequences.map(async (seq) => streams.getMessage(STREAM, { seq })));
    return messages.map((message) => message?.string() ?? '');
  });
}

async function withConnection<T>(url: string, work: (connection: NatsConnection) => Promise<T>): Promise<T> {
  const connection = await connect({ servers: url });
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}
