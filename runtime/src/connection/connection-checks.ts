import { InvalidOptionError } from '../errors/configuration.errors';
import type { OptionProblems } from '../errors/option-problems';
import { isOptionsObject } from '../errors/options-object';
import { assertPublishSubject } from '../subject/subject-syntax';
import { CONNECTION_OPTIONS, type NatsConnectionOptions } from './connection-options';
import { checkCredentials } from './credential-checks';
import { checkDelays } from './delay-checks';
import { NOT_SHOWN, type RefuseOption } from './refuse-option';
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
 * Adds all that is wrong with the options to `problems`. @throws InvalidOptionError
 * (`INVALID_OPTION`) when they are no options at all.
 */
export function checkConnectionOptions(options: NatsConnectionOptions, problems: OptionProblems): void {
  if (!isOptionsObject(options))
    throw new InvalidOptionError('connectionOptions', NOT_SHOWN, "give an object, such as { servers: 'nats://host' }");
  const refuse: RefuseOption = (wrong, option, value, remedy) =>
    problems.refuse(wrong, `connectionOptions.${option}`, value, remedy);
  for (const [option, value] of Object.entries(options)) {
    const unknown = value !== undefined && !CONNECTION_OPTIONS.includes(option);
    refuse(unknown, option, NOT_SHOWN, `it is not known; there are ${CONNECTION_OPTIONS.join(', ')}`);
  }
  for (const option of BOOLEANS) {
    const { [option]: value } = options;
    refuse(value !== undefined && typeof value !== 'boolean', option, value, 'give true or false');
  }
  checkAddresses(options, refuse);
  checkAttempts(options, refuse);
  checkCredentials(options, refuse);
  checkDelays(options, refuse);
  checkTls(options.tls, refuse);
  const { name, inboxPrefix } = options;
  refuse(name !== undefined && typeof name !== 'string', 'name', name, 'give a text');
  const prefix = "give a subject without wildcards, such as '_INBOX.shop'";
  refuse(inboxPrefix !== undefined && !isPublishSubject(inboxPrefix), 'inboxPrefix', inboxPrefix, prefix);
}

function isPublishSubject(subject: string): boolean {
  try {
    assertPublishSubject(subject);
    return true;
  } catch {
    return false;
  }
}

function checkAddresses({ servers, port }: NatsConnectionOptions, refuse: RefuseOption): void {
  const texts = [servers].flat().every((address) => typeof address === 'string');
  refuse(
    servers !== undefined && !texts,
    'servers',
    NOT_SHOWN,
    "give an address such as 'nats://host:4222', or a list of these",
  );
  refuse(port !== undefined && !isCount(port, 1, MAX_PORT), 'port', port, `give a port from 1 to ${MAX_PORT}`);
  refuse(port !== undefined && servers !== undefined, 'port', port, "leave out either 'port' or 'servers'");
}

function checkAttempts(options: NatsConnectionOptions, refuse: RefuseOption): void {
  const { maxPingOut, maxReconnectAttempts: attempts, reconnect } = options;
  refuse(maxPingOut !== undefined && !isCount(maxPingOut, 1), 'maxPingOut', maxPingOut, 'give a number from 1 up');
  if (attempts === undefined) return;
  refuse(!isCount(attempts, -1), 'maxReconnectAttempts', attempts, 'give a number from 0 up, or -1 for no end');
  const remedy = "with 'reconnect: false' there are none: leave out one of them";
  refuse(reconnect === false, 'maxReconnectAttempts', attempts, remedy);
}

function isCount(value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): boolean {
  return Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;
}
