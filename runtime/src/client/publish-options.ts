import type {
  JetStreamPublishOptions,
  ScheduleCancellation,
  ScheduleOptions,
  StreamExpectations,
} from '@nats-io/jetstream';
import { durationMillis, timerMillis, type Duration } from '../duration/duration';
import { InvalidOptionError } from '../errors/configuration.errors';
import { copyHeaders, type MessageHeaders } from './message-headers';

/** What may be said of one message besides its event. Nothing given here is ever changed. */
export interface PublishOptions {
  /** Message id: the stream stores one message of an id within its duplicate window. Default: a random one. */
  msgID?: string;
  /** Headers of the message; names that begin with `Nats-` are refused. Added to those of `jetStreamPublishOptions`. */
  headers?: MessageHeaders;
  /** What must hold for the server to store it, else WrongLastSequenceError or PublishRefusedError. */
  expect?: Partial<StreamExpectations>;
  /** How long an attempt waits for its PubAck: ms or `'5s'`. Default: `jetStreamOptions.timeout`, 5 s. */
  timeout?: Duration;
  /** Attempts in all, as nats.js counts them, each with the same message id. Default 3. */
  retries?: number;
  /** How long the stream keeps it: whole seconds in ms or `'30s'`. The stream needs `allow_msg_ttl`. Default: as the stream says. */
  ttl?: Duration;
  /** When the server is to publish it to another subject. The stream needs `allow_msg_schedules` (nats-server 2.12). */
  schedule?: ScheduleOptions;
  /**
   * True: the event is validated before it is published, where its subject has a schema; InvalidEventError else. What is stored
   * is the event as it was given. Default false: it is validated when it is read.
   */
  validate?: boolean;
  /** A schedule that ends with this message (nats-server 2.14). */
  cancelSchedule?: ScheduleCancellation;
}

/** Defaults for all messages of a module: what makes sense for more than one. */
export type PublishDefaults = Pick<PublishOptions, 'headers' | 'timeout' | 'retries' | 'ttl' | 'validate'> & {
  expect?: Pick<Partial<StreamExpectations>, 'streamName'>;
};

/** Options of one message, checked, and its timing in milliseconds. */
export type CheckedPublish = Partial<Omit<JetStreamPublishOptions, 'timeout' | 'retries'>> & {
  timeout: number;
  retries: number;
  validate: boolean;
};

/** Attempts, all with one message id, so that a lost PubAck never stores an event twice. */
const DEFAULT_ATTEMPTS = 3;
const KNOWN = ['msgID', 'headers', 'expect', 'timeout', 'retries', 'ttl', 'schedule', 'cancelSchedule', 'validate'];
const ONE_MESSAGE_ONLY: Readonly<Record<string, string>> = {
  msgID: 'the stream would drop every message after the first as a duplicate',
  schedule: 'each schedule belongs to one message',
  cancelSchedule: 'each schedule ends with one message',
};
const ONE_EXPECTATION_ONLY = ['lastMsgID', 'lastSequence', 'lastSubjectSequence', 'lastSubjectSequenceSubject'];

/** @throws InvalidOptionError (`INVALID_OPTION`) for what can be true of one message only. */
export function assertPublishDefaults(defaults: PublishDefaults): void {
  for (const [option, reason] of Object.entries(ONE_MESSAGE_ONLY)) {
    if (option in defaults) refuseDefault(option, Reflect.get(defaults, option), reason);
  }
  for (const option of ONE_EXPECTATION_ONLY) {
    const value: unknown = Reflect.get(defaults.expect ?? {}, option);
    if (value !== undefined) refuseDefault(`expect.${option}`, value, 'it would hold for the first message only');
  }
  checkedPublish({}, defaults, 1);
}

/** @throws InvalidOptionError (`INVALID_OPTION`) */
export function checkedPublish(
  options: PublishOptions,
  defaults: PublishDefaults,
  defaultTimeoutMs: number,
): CheckedPublish {
  if (isEmpty(options) && isEmpty(defaults))
    return { timeout: timerMillis(defaultTimeoutMs, 'timeout'), retries: DEFAULT_ATTEMPTS, validate: false };
  for (const given of [options, defaults]) assertKnown(given);
  const { msgID, schedule, cancelSchedule } = options;
  const expect = defaults.expect || options.expect ? { ...defaults.expect, ...options.expect } : undefined;
  const ttl = options.ttl ?? defaults.ttl;
  const retries = options.retries ?? defaults.retries ?? DEFAULT_ATTEMPTS;
  if (!Number.isSafeInteger(retries) || retries < 1)
    throw new InvalidOptionError('retries', retries, 'give the number of attempts, 1 or more');
  if (msgID !== undefined && (typeof msgID !== 'string' || msgID === '' || /[\r\n]/.test(msgID)))
    throw new InvalidOptionError('msgID', msgID, 'give a text without line breaks, or leave it out for a random one');
  if (schedule && cancelSchedule)
    throw new InvalidOptionError('cancelSchedule', cancelSchedule, "leave it out, or leave out 'schedule'");
  return {
    ...(defaults.headers || options.headers ? { headers: copyHeaders(defaults.headers, options.headers) } : {}),
    timeout: timerMillis(options.timeout ?? defaults.timeout ?? defaultTimeoutMs, 'timeout'),
    retries,
    ...(expect === undefined ? {} : { expect }),
    validate: options.validate ?? defaults.validate ?? false,
    ...(msgID === undefined ? {} : { msgID }),
    ...(ttl === undefined ? {} : { ttl: ttlSeconds(ttl) }),
    ...(schedule === undefined ? {} : { schedule: { ...schedule } }),
    ...(cancelSchedule === undefined ? {} : { cancelSchedule: { ...cancelSchedule } }),
  };
}

/** The server cuts fractions of a second off without a word. */
function ttlSeconds(ttl: Duration): string {
  const seconds = durationMillis(ttl, 'ttl') / 1_000;
  if (!Number.isInteger(seconds))
    throw new InvalidOptionError('ttl', ttl, "the server counts whole seconds: give at least '1s', or 1000 ms");
  return `${seconds}s`;
}

function refuseDefault(option: string, value: unknown, reason: string): never {
  throw new InvalidOptionError(
    `jetStreamPublishOptions.${option}`,
    value,
    `${reason}; give it with the message, as emitAsync(subject, event, options)`,
  );
}

function isEmpty(options: object): boolean {
  for (const _ in options) return false;
  return true;
}

function assertKnown(options: object): void {
  for (const [option, value] of Object.entries(options)) {
    if (KNOWN.includes(option)) continue;
    const remedy = option === 'ackWait' ? "write 'timeout'" : `publishing knows ${KNOWN.join(', ')}`;
    throw new InvalidOptionError(option, value, remedy);
  }
}
