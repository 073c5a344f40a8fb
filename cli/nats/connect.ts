import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import {
  connect,
  credsAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
  type Authenticator,
  type NatsConnection,
} from '@nats-io/transport-node';
import { invalidOption } from '../../schematics/shared/errors';
import type { ConnectionFlags } from './connection-flags';
import { connectError } from './errors';
import { parseAddresses, type AddressCredentials } from './server-address';

/** A connection and the addresses for messages. */
export interface Connection {
  readonly nats: NatsConnection;
  readonly servers: string;
}

const DEFAULT_SERVER = 'nats://127.0.0.1:4222';
const ATTEMPT_TIMEOUT_MS = 5_000;

/**
 * Connects to the server of `--server`, of NATS_URL, or of NATS_URL in the folder's `.env`.
 * @throws NatsCommandError (`CONNECT_FAILED`)
 */
export async function openConnection(flags: ConnectionFlags, folder: string, name: string): Promise<Connection> {
  const { text, option } = addressesOf(flags, folder);
  const { servers, requiresTls, credentials } = parseAddresses(text, option);
  const authenticator = authenticatorOf(flags, credentials);
  const shown = servers.join(', ');
  try {
    const nats = await connect({
      name: `nest-jetstream ${name}`,
      servers,
      timeout: ATTEMPT_TIMEOUT_MS,
      maxReconnectAttempts: -1,
      noAsyncTraces: true,
      ...(requiresTls ? { tls: {} } : {}),
      ...(authenticator ? { authenticator } : {}),
    });
    return { nats, servers: shown };
  } catch (error) {
    throw connectError(shown, error);
  }
}

function addressesOf({ server }: ConnectionFlags, folder: string): { text: string; option: string } {
  if (server !== undefined) return { text: server, option: 'server' };
  return { text: process.env['NATS_URL'] || urlInDotEnv(folder) || DEFAULT_SERVER, option: 'NATS_URL' };
}

function urlInDotEnv(folder: string): string | undefined {
  try {
    return parseEnv(readFileSync(join(folder, '.env'), 'utf8'))['NATS_URL'];
  } catch {
    // The folder has no readable .env.
    return undefined;
  }
}

/** Flags take precedence over the credentials in the address. */
function authenticatorOf(
  { creds, user, password, token }: ConnectionFlags,
  inAddress: AddressCredentials | undefined,
): Authenticator | undefined {
  if (creds !== undefined) return credsAuthenticator(readCredentials(creds));
  if (user !== undefined) return usernamePasswordAuthenticator(user, password);
  if (password !== undefined) throw invalidOption('password', '(not shown)', 'needs --user.');
  if (token !== undefined) return tokenAuthenticator(token);
  if (inAddress === undefined) return undefined;
  return 'token' in inAddress
    ? tokenAuthenticator(inAddress.token)
    : usernamePasswordAuthenticator(inAddress.user, inAddress.password);
}

function readCredentials(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch {
    throw invalidOption('creds', file, 'is not a readable file.');
  }
}
