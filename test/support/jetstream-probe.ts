import { jetstream, jetstreamManager, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import { connect, errors, type NatsConnection } from '@nats-io/transport-node';

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

/** `timeoutMs` is how long it waits for each answer; the nats.js default is 5 s. */
export async function probe(servers: string | string[], { timeoutMs = 5_000 } = {}): Promise<JetStreamProbe> {
  const connection = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
  const options = { timeout: timeoutMs, checkAPI: false };
  const manager = await jetstreamManager(connection, options);
  const opened = { connection, client: jetstream(connection, { timeout: timeoutMs }), manager };
  probes.push(opened);
  return opened;
}

/**
 * True when everything delivered is acknowledged, and nothing is left to deliver. False when a
 * server that was killed has lost the request.
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
