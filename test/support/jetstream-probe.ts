import { jetstream, jetstreamManager, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import { connect, errors, type NatsConnection } from '@nats-io/transport-node';

/** A connection of the test itself, to inspect the state of the server. */
export interface JetStreamProbe {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
}

const probes: JetStreamProbe[] = [];

afterEach(async () => {
  await Promise.all(probes.splice(0).map(async ({ connection }) => connection.close()));
});

/** Connects with a limit for each answer. The default is that of nats.js. */
export async function probe(servers: string | string[], { timeoutMs = 5_000 } = {}): Promise<JetStreamProbe> {
  const connection = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
  const options = { timeout: timeoutMs, checkAPI: false };
  const manager = await jetstreamManager(connection, options);
  const opened = { connection, client: jetstream(connection, { timeout: timeoutMs }), manager };
  probes.push(opened);
  return opened;
}

/** Deletes all streams, so that the tests of a file can share a server. */
export async function deleteStreams({ manager: { streams } }: JetStreamProbe): Promise<void> {
  for await (const { config } of streams.list()) await streams.delete(config.name);
}

/**
 * Returns true if every message is delivered and acknowledged, and false if a killed server lost
 * the request.
 */
export async function isSettled({ manager }: JetStreamProbe, stream: string, durable: string): Promise<boolean> {
  try {
    const { num_pending, num_ack_pending } = await manager.consumers.info(stream, durable);
    return num_pending === 0 && num_ack_pending === 0;
  } catch (error) {
    if (error instanceof errors.TimeoutError) return false;
    throw error;
  }
}
