import {
  PubHeaders,
  type ScheduleCancellation,
  type ScheduleOptions,
  type StreamExpectations,
} from '@nats-io/jetstream';
import { headers as emptyHeaders, type MsgHdrs } from '@nats-io/transport-node';
import { requireServer } from '../connection/required-server';
import { durationMillis, timerMillis, type Duration } from '../duration/duration';
import { InvalidOptionError } from '../errors/configuration.errors';
import { copyHeaders, headerText, type MessageHeaders } from './message-headers';

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
export interface CheckedPublish {
  readonly timeout: number;
  readonly retries: number;
  readonly validate: boolean;
  readonly msgID?: string;
  readonly headers?: MsgHdrs;
  readonly expect?: Partial<StreamExpectations>;
  readonly ttl?: string;
  readonly schedule?: ScheduleOptions;
  readonly cancelSchedule?: ScheduleCancellation;
}

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
  if (isEmpty(options) && isEmpty(defaults)) return withoutOptions(defaultTimeoutMs);
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

/** Returns the header block of an event: its own headers, and those that the server acts on. Undefined for a message id alone. */
export function publishHeaders(
  { headers: own, expect, ttl, schedule, cancelSchedule }: CheckedPublish,
  messageId: string,
): string | undefined {
  if (!own && !expect && ttl === undefined && !schedule && !cancelSchedule) return undefined;
  const headers = own ?? emptyHeaders();
  const serverHeaders = [
    [PubHeaders.MsgIdHdr, messageId],
    [PubHeaders.ExpectedLastMsgIdHdr, expect?.lastMsgID],
    [PubHeaders.ExpectedStreamHdr, expect?.streamName],
    [PubHeaders.ExpectedLastSeqHdr, expect?.lastSequence],
    [PubHeaders.ExpectedLastSubjectSequenceHdr, expect?.lastSubjectSequence],
    [PubHeaders.ExpectedLastSubjectSequenceSubjectHdr, expect?.lastSubjectSequenceSubject],
    [PubHeaders.MessageTTL, ttl],
    [PubHeaders.Schedule, schedule && scheduleText(schedule.specification)],
    [PubHeaders.ScheduleTarget, schedule?.target],
    [PubHeaders.ScheduleSource, schedule?.source],
    [PubHeaders.ScheduleTTL, schedule?.ttl],
    [PubHeaders.ScheduleTimeZone, schedule?.timezone],
    [PubHeaders.ScheduleRollup, schedule?.rollup],
    [PubHeaders.Scheduler, cancelSchedule?.scheduleSubject],
    [PubHeaders.ScheduleNext, cancelSchedule && 'purge'],
  ] as const;
  for (const [name, value] of serverHeaders) if (value !== undefined && value !== '') headers.set(name, String(value));
  return headerText(headers);
}

/**
 * An older server would store the message and ignore these options.
 * @throws UnsupportedByServerError (`UNSUPPORTED_BY_SERVER`)
 */
export function requirePublishFeatures({ ttl, schedule, cancelSchedule }: CheckedPublish, version: string): void {
  if (ttl !== undefined) requireServer("keep a message for its 'ttl'", version, '2.11');
  if (schedule !== undefined) requireServer("publish by 'schedule'", version, '2.12');
  if (cancelSchedule !== undefined) requireServer("end a schedule by 'cancelSchedule'", version, '2.14');
}

function scheduleText(specification: ScheduleOptions['specification']): string {
  if (typeof specification === 'string') return specification;
  if (specification instanceof Date) return `@at ${specification.toISOString()}`;
  if ('at' in specification)
    return `@at ${specification.at instanceof Date ? specification.at.toISOString() : specification.at}`;
  if ('every' in specification) return `@every ${specification.every}`;
  return 'cron' in specification ? specification.cron : specification.predefined;
}

let lastWithoutOptions: CheckedPublish | undefined;

/** One object for all events without options: many may wait. */
function withoutOptions(timeoutMs: number): CheckedPublish {
  if (lastWithoutOptions?.timeout !== timeoutMs)
    lastWithoutOptions = { timeout: timerMillis(timeoutMs, 'timeout'), retries: DEFAULT_ATTEMPTS, validate: false };
  return lastWithoutOptions;
}

/** The server would truncate fractions of a second. */
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

/** @throws InvalidOptionError (`INVALID_OPTION`) for the first option that is not known */
export function assertKnownOptions(options: object, known: readonly string[], remedy: string): void {
  for (const [option, value] of Object.entries(options))
    if (value !== undefined && !known.includes(option)) throw new InvalidOptionError(option, value, remedy);
}

function assertKnown(options: object): void {
  for (const [option, value] of Object.entries(options)) {
    if (KNOWN.includes(option)) continue;
    const remedy = option === 'ackWait' ? "write 'timeout'" : `publishing knows ${KNOWN.join(', ')}`;
    throw new InvalidOptionError(option, value, remedy);
  }
}
