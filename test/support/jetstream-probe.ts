import { jetstream, jetstreamManager, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';

/** A connection of the test's own, beside the application's: what the server really has. */
export interface JetStreamProbe {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
}

const probes: JetStreamProbe[] = [];

afterEach(async () => {
  await Promise.all(probes.splice(0).map(async ({ connection }) => connection.close()));
});

export async function probe(url: string): Promise<JetStreamProbe> {
  const connection = await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
  const opened = { connection, client: jetstream(connection), manager: await jetstreamManager(connection) };
  probes.push(opened);
  return opened;
}

/** Everything delivered is acknowledged, and nothing is left to deliver. */
export async function isSettled({ manager }: JetStreamProbe, stream: string, durable: string): Promise<boolean> {
  const { num_pending, num_ack_pending } = await manager.consumers.info(stream, durable);
  return num_pending === 0 && num_ack_pending === 0;
}
