import type { NatsJetStreamContext } from '@nest-jetstream/transport';
import type { PoolClient } from 'pg';

/**
 * Records in the transaction `tx` that the consumer `durable` handled a message. Returns false if
 * it had done so before.
 */
export async function addToInbox(
  tx: PoolClient,
  durable: string,
  { stream, sequence }: NatsJetStreamContext,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    'INSERT INTO inbox (stream, sequence, durable) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    [stream, sequence, durable],
  );
  return rowCount === 1;
}
