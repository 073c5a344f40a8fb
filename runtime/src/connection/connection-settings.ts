import type { NodeConnectionOptions } from '@nats-io/transport-node';
import { durationMillis, type Duration } from '../util/duration';
import { NOT_SHOWN } from './refuse-option';
import { OptionProblems } from '../errors/option-problems';
import { checkConnectionOptions } from './connection-checks';
import { CONNECTION_DURATIONS, type ConnectionDuration, type NatsConnectionOptions } from './connection-options';
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
  /** Where to connect to, as text for people, without credentials. */
  readonly servers: string;
  readonly credentials: Credentials;
  /** All else. nats.js writes to the object that it is given: give it a copy. */
  readonly nats: Readonly<Omit<NodeConnectionOptions, 'authenticator' | 'user' | 'pass' | 'token'>>;
}

const DEFAULT_SERVER = 'nats://127.0.0.1:4222';
/**
 * nats.js waits for the whole of it, 20 s of its own, when a server hangs up between its greeting
 * and its first answer, as one does that is just stopped: too long for a service that is to be back
 * within 5 s of its server.
 */
const ATTEMPT_TIMEOUT_MS = 3_000;
/** One object, since `tls` is compared by identity. */
const ANY_TLS = Object.freeze({});

/**
 * @throws InvalidOptionError (`INVALID_OPTION`), or InvalidOptionsError (`INVALID_OPTIONS`) with
 * all that is wrong.
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

/** The credentials in the addresses. */
function checkAddresses(
  addresses: readonly string[],
  { servers, tls, debug }: NatsConnectionOptions,
  problems: OptionProblems,
): AddressCredentials | undefined {
  const option = servers === undefined ? 'NATS_URL' : 'connectionOptions.servers';
  problems.refuse(addresses.length === 0, option, servers, 'give an address, or leave it out for NATS_URL');
  const hasComma = !Array.isArray(servers) && isSplitPassword(addresses);
  problems.refuse(hasComma, option, NOT_SHOWN, "write a comma in a password as '%2C', and each address with 'nats://'");
  if (hasComma) return undefined;
  for (const address of addresses) problems.try(() => assertServerAddress(address, option, addresses));
  const plain = "an address begins with 'tls://': leave out one of them";
  problems.refuse(tls === null && addresses.some(requiresTls), 'connectionOptions.tls', tls, plain);
  const credentials = problems.try(() => credentialsOf(addresses, option));
  const printed = 'nats.js would print the credentials of the address: debug on a server without any';
  problems.refuse(debug === true && credentials !== undefined, 'connectionOptions.debug', debug, printed);
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
