import { HIDDEN, InvalidOptionError } from '../errors/configuration.errors';
import type { OptionProblems } from '../errors/option-problems';
import { isOptionsObject } from '../errors/options-object';
import { assertPublishSubject } from '../subject/subject-syntax';
import { CONNECTION_OPTIONS, type NatsConnectionOptions } from './connection-options';
import { ConnectionProblems } from './connection-problems';
import { checkCredentials } from './credential-checks';
import { checkDelays } from './delay-checks';
import { checkTls } from './tls-checks';

const MAX_PORT = 65_535;
const BOOLEANS = [
  'debug',
  'ignoreAuthErrorAbort',
  'ignoreClusterUpdates',
  'noAsyncTraces',
  'noEcho',
  'noRandomize',
  'pedantic',
  'reconnect',
  'resolve',
  'verbose',
  'waitOnFirstConnect',
] as const satisfies readonly (keyof NatsConnectionOptions)[];

/**
 * Adds each problem of the options.
 * @throws InvalidOptionError (`INVALID_OPTION`) unless the options are an object
 */
export function checkConnectionOptions(options: NatsConnectionOptions, all: OptionProblems): void {
  if (!isOptionsObject(options))
    throw new InvalidOptionError('connectionOptions', HIDDEN, "pass an object such as { servers: 'nats://host' }");
  const problems = new ConnectionProblems(all);
  for (const [option, value] of Object.entries(options))
    if (value !== undefined && !CONNECTION_OPTIONS.includes(option)) problems.unknown(option, CONNECTION_OPTIONS);
  for (const option of BOOLEANS) {
    const { [option]: value } = options;
    problems.refuse(value !== undefined && typeof value !== 'boolean', option, value, 'pass true or false');
  }
  checkAddresses(options, problems);
  checkAttempts(options, problems);
  checkCredentials(options, problems);
  checkDelays(options, problems);
  checkTls(options.tls, problems);
  const { name, inboxPrefix } = options;
  problems.refuse(name !== undefined && typeof name !== 'string', 'name', name, 'pass a string');
  const remedy = "pass a subject without wildcards, such as '_INBOX.shop'";
  problems.refuse(inboxPrefix !== undefined && !isPublishSubject(inboxPrefix), 'inboxPrefix', inboxPrefix, remedy);
}

function isPublishSubject(subject: string): boolean {
  try {
    assertPublishSubject(subject);
    return true;
  } catch {
    return false;
  }
}

function checkAddresses({ servers, port }: NatsConnectionOptions, problems: ConnectionProblems): void {
  const areStrings = [servers].flat().every((address) => typeof address === 'string');
  const remedy = "pass an address such as 'nats://host:4222', or an array of addresses";
  problems.refuse(servers !== undefined && !areStrings, 'servers', HIDDEN, remedy);
  problems.refuse(port !== undefined && !isCount(port, 1, MAX_PORT), 'port', port, `pass a port from 1 to ${MAX_PORT}`);
  const areBoth = port !== undefined && servers !== undefined;
  problems.conflict(areBoth, 'port', 'servers', 'servers contains the ports');
}

function checkAttempts(options: NatsConnectionOptions, problems: ConnectionProblems): void {
  const { maxPingOut, maxReconnectAttempts: attempts, reconnect } = options;
  const isInvalid = maxPingOut !== undefined && !isCount(maxPingOut, 1);
  problems.refuse(isInvalid, 'maxPingOut', maxPingOut, 'pass a whole number from 1 up');
  if (attempts === undefined) return;
  const remedy = 'pass a whole number from 0 up, or -1 for no limit';
  problems.refuse(!isCount(attempts, -1), 'maxReconnectAttempts', attempts, remedy);
  const reason = 'the client then never reconnects';
  problems.conflict(reconnect === false, 'maxReconnectAttempts', 'reconnect: false', reason);
}

function isCount(value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): boolean {
  return Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;
}
