import { connect, errors, type Authenticator, type NatsConnection } from '@nats-io/transport-node';
import { failureText } from '../errors/thrown-value';
import { BundledNestError, NatsConnectError } from '../errors/connection.errors';
import type { ConnectionSettings } from './connection-settings';
import { catchingFailures } from './credentials';
import { reconnectDelay } from './reconnect-delay';

const AUTHENTICATOR_FAILED =
  'The authenticator of connectionOptions failed. Check the file or value that contains its credentials.';

/** Set by the command line for a process that must not start its application. */
const READS_APPLICATION = 'NEST_JETSTREAM_OPERATION';

/**
 * Makes one attempt for each server, and a second one if a server did not answer the credentials.
 * @param report called when a function of the options fails during a reconnect, once per problem
 * @throws NatsConnectError (`CONNECT_FAILED`) if an authenticator throws; otherwise errors of
 * nats.js; BundledNestError (`BUNDLED_NEST`) in a process of the command line
 */
export async function dial(settings: ConnectionSettings, report: (problem: string) => void): Promise<NatsConnection> {
  if (process.env[READS_APPLICATION] !== undefined) throw bundledNest();
  let hasGreeted = false;
  try {
    return await attempt(settings, report, () => (hasGreeted = true));
  } catch (error) {
    if (!hasGreeted || !(error instanceof errors.TimeoutError)) throw error;
  }
  // nats-server closes the connection of a client that it refuses. If the connection is reset, the
  // error of the server is lost, and nats.js waits until the timeout.
  return attempt(settings, report);
}

async function attempt(
  { nats, servers, credentials: { authenticators } }: ConnectionSettings,
  report: (problem: string) => void,
  onGreeting: () => void = () => undefined,
): Promise<NatsConnection> {
  const failures: unknown[] = [];
  let connected = false;
  let reported = '';
  const reportOnce = (problem: string): void => {
    if (problem !== reported) report(problem);
    reported = problem;
  };
  const onFailure = (cause: unknown): void => {
    if (connected) reportOnce(`The authenticator failed with "${failureText(cause)}".`);
    else failures.push(cause);
  };
  try {
    const connection = await connect({
      ...nats,
      servers: [nats.servers ?? []].flat(),
      ...(nats.tls && { tls: { ...nats.tls } }),
      ...(authenticators.length > 0 && {
        authenticator: authenticators
          .map((each) => catchingFailures(each, onFailure))
          .map((each) => heard(each, onGreeting)),
      }),
      reconnectDelayHandler: reconnectDelay(nats, reportOnce),
      // JetStreamConnection retries instead, because the retries of nats.js cannot be cancelled.
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

/** nats.js calls an authenticator when the server has sent its INFO. */
function heard(authenticator: Authenticator, onGreeting: () => void): Authenticator {
  return (nonce) => {
    onGreeting();
    return authenticator(nonce);
  };
}

/** Tells the command line too, because the application may go on after the error. */
function bundledNest(): BundledNestError {
  const error = new BundledNestError();
  process.send?.({ error: { code: error.code, message: error.message } });
  return error;
}
