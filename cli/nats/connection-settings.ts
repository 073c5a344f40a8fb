import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import {
  credsAuthenticator,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
  type Authenticator,
  type TlsOptions,
} from '@nats-io/transport-node';
import { invalidOption } from '../../schematics/shared/errors';
import type { ConnectionFlags } from './connection-flags';
import { expandHome, readNatsContext, type NatsContext } from './nats-context';
import { parseAddresses, type AddressCredentials } from './server-address';

/** Options of nats.js for a connection, and the addresses for messages. */
export interface ConnectionSettings {
  readonly nats: {
    readonly servers: string[];
    readonly authenticator?: Authenticator;
    readonly tls?: TlsOptions;
    readonly inboxPrefix?: string;
  };
  readonly jetStream: { readonly domain?: string; readonly apiPrefix?: string };
  /** Addresses without credentials. */
  readonly servers: string;
}

const DEFAULT_SERVER = 'nats://127.0.0.1:4222';

/**
 * Returns the connection of the flags. Without an address, it is that of NATS_URL, of NATS_URL in
 * the folder's `.env`, or of a local server.
 * @throws SchematicError (`INVALID_OPTION`)
 */
export function connectionSettings(flags: ConnectionFlags, folder: string): ConnectionSettings {
  const context = flags.context === undefined ? {} : readNatsContext(flags.context);
  const { text, option } = addressesOf(flags, context, folder);
  const { servers, requiresTls, credentials } = parseAddresses(text, option);
  const authenticator = authenticatorOf(flags, context, credentials);
  const tls = tlsOf(context, requiresTls);
  const { inbox_prefix: inboxPrefix, jetstream_api_prefix: apiPrefix } = context;
  const domain = flags.domain ?? context.jetstream_domain;
  return {
    nats: {
      servers,
      ...(authenticator ? { authenticator } : {}),
      ...(tls ? { tls } : {}),
      ...(inboxPrefix === undefined ? {} : { inboxPrefix }),
    },
    jetStream: domain === undefined ? (apiPrefix === undefined ? {} : { apiPrefix }) : { domain },
    servers: servers.join(', '),
  };
}

/** Returns NATS_URL of the environment, or of the folder's `.env`. */
export function natsUrl(folder: string): string | undefined {
  return process.env['NATS_URL'] || urlInDotEnv(folder);
}

function addressesOf(
  { server, context: name }: ConnectionFlags,
  { url }: NatsContext,
  folder: string,
): { text: string; option: string } {
  if (server !== undefined) return { text: server, option: 'server' };
  if (name !== undefined) return { text: url ?? DEFAULT_SERVER, option: 'url' };
  return { text: natsUrl(folder) ?? DEFAULT_SERVER, option: 'NATS_URL' };
}

function urlInDotEnv(folder: string): string | undefined {
  try {
    return parseEnv(readFileSync(join(folder, '.env'), 'utf8'))['NATS_URL'];
  } catch {
    // The folder has no readable .env.
    return undefined;
  }
}

/** Flags and contexts take precedence over the credentials in the address. */
function authenticatorOf(
  flags: ConnectionFlags,
  context: NatsContext,
  inAddress: AddressCredentials | undefined,
): Authenticator | undefined {
  const { creds, user, password, token, nkey } = flags.context === undefined ? { ...flags, nkey: undefined } : context;
  if (creds !== undefined) return credsAuthenticator(readCredentials('creds', creds));
  if (nkey !== undefined) return nkeyAuthenticator(seedOf(readCredentials('nkey', nkey)));
  if (user !== undefined) return usernamePasswordAuthenticator(user, password);
  if (password !== undefined) throw invalidOption('password', '(not shown)', 'needs --user.');
  if (token !== undefined) return tokenAuthenticator(token);
  if (inAddress === undefined) return undefined;
  return 'token' in inAddress
    ? tokenAuthenticator(inAddress.token)
    : usernamePasswordAuthenticator(inAddress.user, inAddress.password);
}

function readCredentials(option: string, file: string): Buffer {
  try {
    return readFileSync(expandHome(file));
  } catch {
    throw invalidOption(option, file, 'is not a readable file.');
  }
}

/** Returns the seed of a file, which may have comments around it. */
function seedOf(content: Buffer): Uint8Array {
  const [seed = ''] = /^S[A-Z2-7]{20,}$/m.exec(content.toString('latin1')) ?? [];
  return new TextEncoder().encode(seed);
}

function tlsOf({ cert, key, ca, tls_first: handshakeFirst }: NatsContext, isRequired: boolean): TlsOptions | undefined {
  const tls = {
    ...(cert === undefined ? {} : { certFile: expandHome(cert) }),
    ...(key === undefined ? {} : { keyFile: expandHome(key) }),
    ...(ca === undefined ? {} : { caFile: expandHome(ca) }),
    ...(handshakeFirst === true ? { handshakeFirst } : {}),
  };
  return isRequired || Object.keys(tls).length > 0 ? tls : undefined;
}
