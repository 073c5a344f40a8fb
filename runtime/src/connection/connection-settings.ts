import type { NodeConnectionOptions } from '@nats-io/transport-node';
import { durationMillis, type Duration } from '../util/duration';
import { HIDDEN, InvalidOptionError } from '../errors/configuration.errors';
import { OptionProblems } from '../errors/option-problems';
import { checkConnectionOptions } from './connection-checks';
import { CONNECTION_DURATIONS, type ConnectionDuration, type NatsConnectionOptions } from './connection-options';
import { DEBUG_REMEDY } from './credential-checks';
import { Credentials } from './credentials';
import {
  assertServerAddress,
  credentialsOf,
  isSplitPassword,
  requiresTls,
  withoutCredentials,
  type AddressCredentials,
} from './server-address';

/** Connection options, checked and with our defaults. */
export interface ConnectionSettings {
  /** Addresses without credentials, for logs and error messages. */
  readonly servers: string;
  readonly credentials: Credentials;
  /** All other options. nats.js writes to its options object, so pass it a copy. */
  readonly nats: Readonly<Omit<NodeConnectionOptions, 'authenticator' | 'user' | 'pass' | 'token'>>;
}

const DEFAULT_SERVER = 'nats://127.0.0.1:4222';
/**
 * If a stopping server hangs up during the handshake, nats.js waits for the whole timeout, which is
 * 20 s by default. A service must be back within 5 s of its server.
 */
const ATTEMPT_TIMEOUT_MS = 3_000;
/** A single object, because `tls` is compared by identity. */
const ANY_TLS = Object.freeze({});

/**
 * Checks the options and applies the defaults.
 * @throws InvalidOptionError (`INVALID_OPTION`), or InvalidOptionsError (`INVALID_OPTIONS`) for
 * several problems
 */
export function connectionSettings(options: NatsConnectionOptions, serviceName?: string): ConnectionSettings {
  const problems = new OptionProblems();
  problems.try(() => checkConnectionOptions(options, problems));
  problems.throwIfAny();
  const { authenticator, user, pass, token, servers, port, ...others } = options;
  const addresses = port === undefined ? addressesOf(servers) : [`127.0.0.1:${port}`];
  const inAddress = checkAddresses(addresses, options, problems);
  problems.throwIfAny();
  const shown = addresses.map(withoutCredentials);
  return {
    servers: shown.join(', '),
    credentials: Credentials.of({ authenticator, user, pass, token }, inAddress),
    nats: {
      maxReconnectAttempts: -1,
      ignoreAuthErrorAbort: true,
      pingInterval: 15_000,
      timeout: ATTEMPT_TIMEOUT_MS,
      noAsyncTraces: true,
      ...(serviceName ? { name: serviceName } : {}),
      ...(addresses.some(requiresTls) ? { tls: ANY_TLS } : {}),
      ...Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined)),
      ...inMillis(options),
      servers: shown,
    },
  };
}

function addressesOf(servers: NatsConnectionOptions['servers'] = process.env['NATS_URL'] || DEFAULT_SERVER): string[] {
  return (typeof servers === 'string' ? servers.split(',') : servers).map((server) => server.trim()).filter(Boolean);
}

/** Adds the problems of the addresses, and returns the credentials in them. */
function checkAddresses(
  addresses: readonly string[],
  { servers, tls, debug }: NatsConnectionOptions,
  problems: OptionProblems,
): AddressCredentials | undefined {
  const option = servers === undefined ? 'NATS_URL' : 'connectionOptions.servers';
  problems.refuse(addresses.length === 0, option, servers, 'pass an address, or remove it to use NATS_URL');
  const hasComma = !Array.isArray(servers) && isSplitPassword(addresses);
  const commaRemedy = "write a comma in a password as '%2C', and begin each address with 'nats://'";
  problems.refuse(hasComma, option, HIDDEN, commaRemedy);
  if (hasComma) return undefined;
  for (const address of addresses) problems.try(() => assertServerAddress(address, option, addresses));
  if (tls === null && addresses.some(requiresTls))
    problems.add(
      InvalidOptionError.conflict('connectionOptions.tls: null', `${option}: tls://…`, 'tls:// requires TLS', tls),
    );
  const credentials = problems.try(() => credentialsOf(addresses, option));
  problems.refuse(debug === true && credentials !== undefined, 'connectionOptions.debug', debug, DEBUG_REMEDY);
  return credentials;
}

function inMillis(options: NatsConnectionOptions): Partial<Record<ConnectionDuration, number>> {
  const given = CONNECTION_DURATIONS.map((option): [ConnectionDuration, Duration | undefined] => [
    option,
    options[option],
  ]);
  return Object.fromEntries(
    given.flatMap(([option, value]) =>
      value === undefined ? [] : [[option, value === 0 ? 0 : durationMillis(value, option)]],
    ),
  );
}
