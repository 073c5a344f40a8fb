import { HIDDEN, InvalidOptionError } from '../errors/configuration.errors';
import type { OptionProblems } from '../errors/option-problems';
import { isOptionsObject, unknownOptions } from '../errors/options-object';
import { assertWithoutWildcards } from '../subject/subject-syntax';
import {
  CONNECTION_DURATIONS,
  CONNECTION_OPTIONS,
  type ConnectionDuration,
  type NatsConnectionOptions,
} from './connection-options';
import { ConnectionProblems } from './connection-problems';
import { checkCredentials } from './credential-checks';
import { durationMillis } from '../util/duration';
import { existsSync } from 'node:fs';

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
  // Values are not shown, because one may be a misplaced secret.
  for (const error of unknownOptions(options, CONNECTION_OPTIONS, { path: 'connectionOptions.', shown: HIDDEN }))
    all.add(error);
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
  problems.refuse(inboxPrefix !== undefined && !hasNoWildcards(inboxPrefix), 'inboxPrefix', inboxPrefix, remedy);
}

function hasNoWildcards(subject: string): boolean {
  try {
    assertWithoutWildcards(subject);
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

/** Longest timer of Node. A longer one fires immediately. */
const LONGEST_MS = 2_147_483_647;
/** nats.js replaces 0 by its default. */
const NEVER_ZERO: ReadonlySet<ConnectionDuration> = new Set(['timeout', 'pingInterval']);

/**
 * Adds durations that are not valid timers, and delays that a `reconnectDelayHandler` overrides.
 */
function checkDelays(options: NatsConnectionOptions, problems: ConnectionProblems): void {
  for (const option of CONNECTION_DURATIONS) {
    const { [option]: value } = options;
    if (value === undefined) continue;
    const least = NEVER_ZERO.has(option) ? 1 : 0;
    const remedy = `pass milliseconds as a whole number from ${least} up, or a string such as '2s'. The maximum is 24 days`;
    problems.refuse(!isDelay(value, least), option, value, remedy);
  }
  const { reconnectDelayHandler, reconnectToServer } = options;
  for (const [option, value] of Object.entries({ reconnectDelayHandler, reconnectToServer }))
    problems.refuse(value !== undefined && typeof value !== 'function', option, value, 'pass a function');
  if (reconnectDelayHandler === undefined) return;
  for (const option of ['reconnectTimeWait', 'reconnectJitter', 'reconnectJitterTLS'] as const) {
    const isSet = options[option] !== undefined;
    problems.conflict(isSet, option, 'reconnectDelayHandler', 'the handler sets the delay itself');
  }
}

function isDelay(value: number | string, least: number): boolean {
  if (value === 0) return least === 0;
  try {
    return durationMillis(value as `${number}s`, '') <= LONGEST_MS;
  } catch {
    return false;
  }
}

const PAIRS = [
  ['cert', 'certFile'],
  ['key', 'keyFile'],
  ['ca', 'caFile'],
] as const;

/**
 * Adds TLS options that nats.js would ignore, such as a text beside a file, and missing files,
 * which it would look for without end.
 */
function checkTls(tls: NatsConnectionOptions['tls'], problems: ConnectionProblems): void {
  if (tls === undefined || tls === null) return;
  if (typeof tls !== 'object')
    return problems.refuse(true, 'tls', tls, 'pass an object. {} requires TLS, and null disables it');
  for (const [text, file] of PAIRS) {
    const { [text]: content, [file]: path } = tls;
    const areBoth = content !== undefined && path !== undefined;
    problems.conflict(areBoth, `tls.${text}`, `tls.${file}`, 'both contain the same PEM data');
    problems.refuse(path !== undefined && !existsSync(path), `tls.${file}`, path, 'the file does not exist');
  }
  const hasCertificate = (tls.cert ?? tls.certFile) !== undefined;
  const hasKey = (tls.key ?? tls.keyFile) !== undefined;
  problems.refuse(hasCertificate && !hasKey, 'tls.cert', HIDDEN, "it requires 'key' or 'keyFile'. Set one of them");
  problems.refuse(hasKey && !hasCertificate, 'tls.key', HIDDEN, "it requires 'cert' or 'certFile'. Set one of them");
}
