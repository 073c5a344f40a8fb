import type { JetStreamProbe } from '../../support/jetstream-probe';
import type { OrderCreatedEvent } from '../../support/orders';
import { monotonicMs } from './run-record';

export interface StoredMessage {
  readonly id: number;
  readonly seq: number;
  /** Durable of a dead letter. Empty for other messages. */
  readonly deadOf: string;
  /** True for the copy of a dead letter that its consumer will receive again. */
  readonly isRedriven?: boolean;
  /** Time of storing, on the clock of the runs. */
  readonly at: number;
  /** Reason of a dead letter. */
  readonly reason: string;
}

/**
 * Returns all messages of a stream in order, or none if it does not exist. The id is undefined for
 * messages that are not orders.
 */
export async function storedMessages({ manager, client }: JetStreamProbe, stream: string): Promise<StoredMessage[]> {
  const info = await manager.streams.info(stream).catch(() => undefined);
  const stored: StoredMessage[] = [];
  const offsetMs = Date.now() - monotonicMs();
  if (!info?.state.messages) return stored;
  const consumer = await client.consumers.get(stream);
  const messages = await consumer.consume({ max_messages: 1_000 });
  for await (const message of messages) {
    const { id } = message.json<OrderCreatedEvent>();
    const deadOf = message.headers?.get('Dead-Letter-Consumer') ?? '';
    const reason = message.headers?.get('Dead-Letter-Reason') ?? '';
    const isRedriven = message.headers?.has('Dead-Letter-Redrive-Of') ?? false;
    stored.push({ id, seq: message.seq, deadOf, isRedriven, at: message.time.getTime() - offsetMs, reason });
    if (message.info.pending === 0) break;
  }
  await messages.close();
  // An ephemeral consumer would stay for minutes, and their number is limited.
  await consumer.delete();
  return stored;
}
