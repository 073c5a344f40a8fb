import type { JetStreamManagerOptions } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { ConnectionFlags } from './connection-flags';
import { connectionSettings } from './connection-settings';
import { connectError } from './errors';

/** A connection and the addresses for messages. */
export interface Connection {
  readonly nats: NatsConnection;
  readonly servers: string;
  /** Options of the JetStream API. */
  readonly jetStream: JetStreamManagerOptions;
}

const ATTEMPT_TIMEOUT_MS = 5_000;

/**
 * Connects to the server of the flags, of NATS_URL, or of NATS_URL in the folder's `.env`.
 * @throws NatsCommandError (`CONNECT_FAILED`); SchematicError (`INVALID_OPTION`)
 */
export async function openConnection(flags: ConnectionFlags, folder: string, name: string): Promise<Connection> {
  const { nats: options, jetStream, servers } = connectionSettings(flags, folder);
  try {
    const nats = await connect({
      ...options,
      name: `nest-jetstream ${name}`,
      timeout: ATTEMPT_TIMEOUT_MS,
      maxReconnectAttempts: -1,
      noAsyncTraces: true,
    });
    return { nats, servers, jetStream: { ...jetStream, checkAPI: false } };
  } catch (error) {
    throw connectError(servers, error);
  }
}
