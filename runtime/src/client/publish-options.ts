import { randomUUID } from 'node:crypto';
import {
  PubHeaders,
  type ScheduleCancellation,
  type ScheduleOptions,
  type StreamExpectations,
} from '@nats-io/jetstream';
import { headers as emptyHeaders, type MsgHdrs } from '@nats-io/transport-node';
import { durationMillis, timerMillis, type Duration } from '../util/duration';
import { InvalidOptionError } from '../errors/configuration.errors';
import { assertKnownOptions } from '../errors/options-object';
import { copyHeaders, type MessageHeaders } from './message-headers';
import { headerText } from './wire';

/** Options of one message. */
export interface PublishOptions {
  /**
   * Message id. The stream stores only one message per id within its duplicate window. Default: a
   * random id.
   */
  msgID?: string;
  /**
   * Headers of the message, in addition to those of `jetStreamPublishOptions`. Names must not begin
   * with `Nats-`.
   */
  headers?: MessageHeaders;
  /**
   * Conditions for storing the message. If one is not met, publishing fails with
   * WrongLastSequenceError or PublishRefusedError.
   */
  expect?: Partial<StreamExpectations>;
  /**
   * Time that an attempt waits for its PubAck: ms or `'5s'`. Default: `jetStreamOptions.timeout`.
   */
  timeout?: Duration;
  /** Total number of attempts, as in nats.js. All have the same message id. Default 3. */
  retries?: number;
  /**
   * Time that the stream keeps the message: ms or `'30s'`, in whole seconds. The stream needs
   * `allow_msg_ttl`. Default: the limits of the stream.
   */
  ttl?: Duration;
  /**
   * Time at which the server publishes the message to another subject. The stream needs
   * `allow_msg_schedules` (nats-server 2.12).
   */
  schedule?: ScheduleOptions;
  /**
   * Validates the event with the schema of its subject before publishing, in the form in which a
   * handler receives it, and fails with InvalidEventError. The event is stored unchanged. Default:
   * `false`, because consumers validate it.
   */
  validate?: boolean;
  /** Schedule that this message ends (nats-server 2.14). */
  cancelSchedule?: ScheduleCancellation;
  /**
   * Removes all earlier messages of the subject or of the stream when this one is stored. The
   * stream needs `allow_rollup_hdrs`.
   */
  rollup?: 'subject' | 'all';
}

/** Default options of all messages of a client. */
export type PublishDefaults = Pick<PublishOptions, 'headers' | 'timeout' | 'retries' | 'ttl' | 'validate'> & {
  expect?: Pick<Partial<StreamExpectations>, 'streamName'>;
};

/** Checked options of one message, with times in milliseconds. */
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
  readonly rollup?: 'sub' | 'all';
}

/** Number of attempts. All have the same message id, so the event is not stored twice. */
const DEFAULT_ATTEMPTS = 3;
const KNOWN = {
  cancelSchedule: ['scheduleSubject'],
  expect: ['lastMsgID', 'lastSequence', 'lastSubjectSequence', 'lastSubjectSequenceSubject', 'streamName'],
  headers: undefined,
  msgID: undefined,
  retries: undefined,
  rollup: undefined,
  schedule: ['rollup', 'source', 'specification', 'target', 'timezone', 'ttl'],
  timeout: undefined,
  ttl: undefined,
  validate: undefined,
} as const satisfies Record<keyof PublishOptions, readonly string[] | undefined>;
const ONE_MESSAGE_ONLY: Readonly<Record<string, string>> = {
  msgID: 'the stream would drop every message after the first as a duplicate',
  schedule: 'each schedule belongs to one message',
  cancelSchedule: 'each schedule ends with one message',
  rollup: 'every message would remove the ones before it',
};
const ROLLUPS = { subject: 'sub', all: 'all' } as const;
const ONE_EXPECTATION_ONLY = ['lastMsgID', 'lastSequence', 'lastSubjectSequence', 'lastSubjectSequenceSubject'];

/**
 * Checks the default options.
 * @throws InvalidOptionError (`INVALID_OPTION`) for options that only apply to one message
 */
export function assertPublishDefaults(defaults: PublishDefaults): void {
  for (const [option, reason] of Object.entries(ONE_MESSAGE_ONLY)) {
    const value: unknown = Reflect.get(defaults, option);
    if (value !== undefined) refuseDefault(option, value, reason);
  }
  for (const option of ONE_EXPECTATION_ONLY) {
    const value: unknown = Reflect.get(defaults.expect ?? {}, option);
    if (value !== undefined) refuseDefault(`expect.${option}`, value, 'it would match the first message only');
  }
  checkedPublish({}, defaults, 1);
}

/**
 * Merges and checks the options of one message.
 * @throws InvalidOptionError (`INVALID_OPTION`)
 */
export function checkedPublish(
  options: PublishOptions,
  defaults: PublishDefaults,
  defaultTimeoutMs: number,
): CheckedPublish {
  if (isEmpty(options) && isEmpty(defaults)) return withoutOptions(defaultTimeoutMs);
  for (const source of [options, defaults]) assertKnown(source);
  const { schedule, cancelSchedule, rollup } = options;
  const msgID = checkedMessageId(options.msgID);
  const expect = defaults.expect || options.expect ? { ...defaults.expect, ...options.expect } : undefined;
  const ttl = options.ttl ?? defaults.ttl;
  const retries = options.retries ?? defaults.retries ?? DEFAULT_ATTEMPTS;
  if (!Number.isSafeInteger(retries) || retries < 1)
    throw new InvalidOptionError('retries', retries, 'pass the number of attempts, 1 or more');
  if (rollup !== undefined && !Object.hasOwn(ROLLUPS, rollup))
    throw new InvalidOptionError('rollup', rollup, "pass 'subject' or 'all'");
  if (schedule && cancelSchedule)
    throw InvalidOptionError.conflict(
      'cancelSchedule',
      'schedule',
      'a message cannot begin and end a schedule',
      cancelSchedule,
    );
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
    ...(rollup === undefined ? {} : { rollup: ROLLUPS[rollup] }),
  };
}

/** Trims a message id, because the server ignores surrounding white space. */
function checkedMessageId(msgID: string | undefined): string | undefined {
  if (msgID === undefined) return undefined;
  if (typeof msgID === 'string' && msgID.trim() !== '' && !/[\r\n]/.test(msgID)) return msgID.trim();
  throw new InvalidOptionError(
    'msgID',
    msgID,
    'pass a non-blank string without line breaks, or remove it to use a random id',
  );
}

/**
 * Returns a random UUID. Node concatenates it from 20 strings. A flat copy takes 64 instead of 490
 * bytes while its event is queued.
 */
export function newMessageId(): string {
  return Buffer.from(randomUUID(), 'latin1').toString('latin1');
}

/** Returns true if an event has headers besides its message id. */
export function hasHeaders({ headers, expect, ttl, schedule, cancelSchedule, rollup }: CheckedPublish): boolean {
  return Boolean(headers || expect || ttl !== undefined || schedule || cancelSchedule || rollup);
}

/**
 * Returns the header block of an event with its own headers and those for the server. Undefined if
 * it has only a message id.
 */
export function publishHeaders(options: CheckedPublish, messageId: string): string | undefined {
  if (!hasHeaders(options)) return undefined;
  const { headers: own, expect, ttl, schedule, cancelSchedule, rollup } = options;
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
    ['Nats-Rollup', rollup],
  ] as const;
  for (const [name, value] of serverHeaders) if (value !== undefined && value !== '') headers.set(name, String(value));
  return headerText(headers);
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

/** Shared by all events without options, to save memory while many are queued. */
function withoutOptions(timeoutMs: number): CheckedPublish {
  if (lastWithoutOptions?.timeout !== timeoutMs)
    lastWithoutOptions = { timeout: timerMillis(timeoutMs, 'timeout'), retries: DEFAULT_ATTEMPTS, validate: false };
  return lastWithoutOptions;
}

/** Refuses fractions of a second, which the server would truncate. */
function ttlSeconds(ttl: Duration): string {
  const seconds = durationMillis(ttl, 'ttl') / 1_000;
  if (!Number.isInteger(seconds))
    throw new InvalidOptionError('ttl', ttl, "the server counts whole seconds. Pass at least '1s' or 1000");
  return `${seconds}s`;
}

function refuseDefault(option: string, value: unknown, reason: string): never {
  throw new InvalidOptionError(
    `jetStreamPublishOptions.${option}`,
    value,
    `${reason}. Pass it with the message, as in emitAsync(subject, event, options)`,
  );
}

function isEmpty(options: object): boolean {
  for (const _ in options) return false;
  return true;
}

function assertKnown(options: PublishOptions): void {
  assertKnownOptions(options, Object.keys(KNOWN), {
    aliasOf: (option) => (option === 'ackWait' ? 'timeout' : undefined),
  });
  for (const option of ['expect', 'schedule', 'cancelSchedule'] as const) {
    const value: unknown = options[option];
    if (value === undefined) continue;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new InvalidOptionError(option, value, `pass an object with ${KNOWN[option].join(', ')}`);
    assertKnownOptions(value, KNOWN[option], { path: `${option}.` });
  }
  // Without its value, the event would be stored without a check.
  for (const [name, value] of Object.entries(options.expect ?? {}))
    if (value === undefined)
      throw new InvalidOptionError(`expect.${name}`, value, 'pass a value, or remove the option');
}

/** Merges options. A later `undefined` does not replace an earlier value. */
export function mergedOptions<Options extends object>(...sources: readonly Options[]): Options {
  const entries = sources.flatMap((source) => Object.entries(source).filter(([, value]) => value !== undefined));
  return Object.fromEntries(entries) as Options;
}

/** Returns the maximum time of all attempts of an event, in milliseconds. */
export function attemptsMs({ timeout, retries }: PublishDefaults, defaultTimeoutMs: number): number {
  return durationMillis(timeout ?? defaultTimeoutMs, 'timeout') * (retries ?? DEFAULT_ATTEMPTS);
}
