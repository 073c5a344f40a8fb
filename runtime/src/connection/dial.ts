import { connect, type NatsConnection } from '@nats-io/transport-node';
import { failureText } from '../errors/failure-text';
import { NatsConnectError } from '../errors/connection.errors';
import type { ConnectionSettings } from './connection-settings';
import { reporting } from './credentials';
import { reconnectDelay } from './reconnect-delay';

const AUTHENTICATOR_FAILED =
  'The authenticator of connectionOptions failed: check the file or the value that it reads its credentials from.';

/**
 * One attempt at each server. `report` is told, once for each text, of what goes wrong in the
 * functions that the options brought along while the connection is made anew later.
 * @throws NatsConnectError (`CONNECT_FAILED`) when an authenticator throws; what nats.js throws
 * otherwise
 */
export async function dial(
  { nats, servers, credentials: { authenticators } }: ConnectionSettings,
  report: (problem: string) => void,
): Promise<NatsConnection> {
  const failures: unknown[] = [];
  let connected = false;
  let reported = '';
  const reportOnce = (problem: string): void => {
    if (problem !== reported) report(problem);
    reported = problem;
  };
  const onFailure = (cause: unknown): void => {
    if (connected) reportOnce(`the authenticator failed: ${failureText(cause)}`);
    else failures.push(cause);
  };
  try {
    const connection = await connect({
      ...nats,
      servers: [nats.servers ?? []].flat(),
      ...(nats.tls && { tls: { ...nats.tls } }),
      ...(authenticators.length > 0 && { authenticator: authenticators.map((one) => reporting(one, onFailure)) }),
      reconnectDelayHandler: reconnectDelay(nats, reportOnce),
      // Ours goes on instead: nats.js's cannot be cancelled.
      waitOnFirstConnect: false,
    });
    connected = true;
    if (failures.length === 0) return connection;
    await connection.close();
  } catch (error) {
    if (failures.length === 0) throw error;
  }
  throw new NatsConnectError(servers, failures[0], AUTHENTICATOR_FAILED);
}
