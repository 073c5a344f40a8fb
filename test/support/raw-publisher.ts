import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

/** Publishes an event as a client does that knows nothing of us: its JSON, without headers. Returns its sequence. */
export async function publishWithoutNest(natsUrl: string, subject: string, event: unknown): Promise<number> {
  const connection = await connect({ servers: natsUrl });
  try {
    const { seq } = await jetstream(connection).publish(subject, JSON.stringify(event));
    return seq;
  } finally {
    await connection.close();
  }
}
