import type { StreamConfig } from '@nats-io/jetstream';
import { durationMillis, type Duration } from '../util/duration';
import { NANOS_PER_MILLI } from '../errors/duration-text';
import { InvalidOptionError, InvalidSubjectError } from '../errors/configuration.errors';
import { assertKnownOptions, assertOptionsObject, isOptionsObject } from '../errors/options-object';
import type { AnySubject } from '../subject/event-subject';
import { subjectMatches } from '../subject/subject-match';
import { assertPublishSubject, assertSubjectPattern } from '../subject/subject-syntax';
import { deadLetterDeclaration } from './dead-letter-stream';
import type { StreamEvents } from './stream-checks.types';
import { assertDisjointSubjects, lossyFields, type DesiredStream, type StreamDeclaration } from './stream-config';
import type { DeadLetterStreamOptions, StreamOptions } from './stream-options';
import { streamMonitor } from './stream-monitor';
import { assertName } from '../util/names';
import { STREAM_FIELDS, STREAM_TABLE, type LossyStreamField } from './stream-table';

/**
 * Declaration of a stream. {@link defineStream} returns it, and `NatsJetStreamTransport.forFeature`
 * creates its stream.
 */
export interface StreamDefinition<
  Events extends StreamEvents = StreamEvents,
  Subjects extends readonly string[] = readonly string[],
  Name extends string = string,
> {
  readonly name: Name;
  readonly subjects: Subjects;
  /** Subject constants of the stored events, by their names. */
  readonly events: Events;
  /** nats.js's `StreamConfig` for the server, with durations in nanoseconds. */
  readonly config: DesiredStream;
  /** Fields of `config` that may change even if messages are dropped. */
  readonly allowDataLoss: readonly LossyStreamField[];
  /** Declaration of its dead letter stream, if there is one. */
  readonly deadLetters?: StreamDeclaration;
}

type AnyStreamOptions = StreamOptions<readonly string[], StreamEvents>;

const FIELD_OF_OPTION = STREAM_FIELDS.flatMap((field) => {
  const { option } = STREAM_TABLE[field];
  return option === undefined ? [] : [[option, field] as const];
});
const OPTIONS: readonly string[] = [
  ...FIELD_OF_OPTION.map(([option]) => option),
  'events',
  'monitor',
  'deadLetters',
  'allowDataLoss',
];
const DEAD_LETTER_OPTIONS = [
  'maxAge',
  'maxMessages',
  'maxBytes',
  'discard',
  'storage',
  'replicas',
  'placement',
  'allowDataLoss',
] as const satisfies readonly (keyof DeadLetterStreamOptions)[];

/**
 * Declares a stream and the events that it stores. The compiler checks literal names and subjects.
 * Values of type `string` and `readonly string[]` are checked at run time.
 * @throws InvalidOptionError (`INVALID_OPTION`), InvalidSubjectError (`INVALID_SUBJECT`)
 */
export function defineStream<
  const Subjects extends readonly string[],
  const Events extends StreamEvents = Readonly<Record<string, never>>,
  const Name extends string = string,
>(options: StreamOptions<Subjects, Events, Name>): StreamDefinition<Events, Subjects, NoInfer<Name>>;
export function defineStream(options: AnyStreamOptions): StreamDefinition {
  assertOptionsObject('defineStream()', options, "{ name: 'ORDERS', subjects: ['order.>'] }");
  const { name, subjects } = options;
  assertStreamName(name);
  assertKnownOptions(options, OPTIONS, { aliasOf: optionOf });
  if (!Array.isArray(subjects)) throw new InvalidOptionError('subjects', subjects, "pass an array such as ['order.>']");
  if (subjects.length === 0)
    throw InvalidOptionError.of(`Stream '${name}' has no subjects. Pass at least one subject.`, subjects);
  subjects.forEach(assertSubjectPattern);
  assertDisjointSubjects(name, subjects);
  const events: StreamEvents = { ...options.events };
  for (const event of Object.values<AnySubject>(events)) {
    const subject = patternOf(event);
    if (!subjects.some((pattern) => subjectMatches(subject, pattern))) {
      throw InvalidOptionError.of(
        `The subjects of stream '${name}' do not cover its event '${subject}'. Add a subject, or remove the event.`,
        subject,
      );
    }
  }
  const { monitor } = options;
  const metadata = monitor && { ...streamMonitor(monitor), ...options.metadata };
  const config = Object.freeze({
    ...toStreamConfig('', options),
    ...(metadata && { metadata }),
    name,
    subjects: [...subjects],
  });
  assertWindowWithinAge(options, config);
  const deadLetters = deadLettersOf(options.deadLetters, config);
  return Object.freeze({
    name,
    subjects: Object.freeze([...subjects]),
    events: Object.freeze(events),
    config,
    allowDataLoss: Object.freeze(lossyFields(options.allowDataLoss, 'defineStream')),
    ...(deadLetters && { deadLetters }),
  });
}

/**
 * Refuses what the server would refuse at startup: a duplicate window that is longer than `maxAge`.
 */
function assertWindowWithinAge(
  { maxAge, duplicateWindow }: AnyStreamOptions,
  { max_age: age = 0, duplicate_window: window = 0 }: DesiredStream,
): void {
  if (age === 0 || window <= age) return;
  throw InvalidOptionError.of(
    `'duplicateWindow' (${duplicateWindow}) is longer than 'maxAge' (${maxAge}). ` +
      `Shorten 'duplicateWindow', or leave it out: it is then 2 minutes or 'maxAge', whichever is shorter.`,
    duplicateWindow,
  );
}

function deadLettersOf(
  options: DeadLetterStreamOptions | undefined,
  stream: DesiredStream,
): StreamDeclaration | undefined {
  if (options === undefined) return undefined;
  if (!isOptionsObject(options))
    throw new InvalidOptionError('deadLetters', options, "pass an object such as { maxAge: '7d' }");
  assertKnownOptions(options, DEAD_LETTER_OPTIONS, {
    path: 'deadLetters.',
    aliasOf: (field) => DEAD_LETTER_OPTIONS.find((option) => option === optionOf(field)),
  });
  const lossy = lossyFields(options.allowDataLoss, 'deadLetters');
  return deadLetterDeclaration(stream.name, toStreamConfig('deadLetters.', options), lossy, stream);
}

/** Returns the option for a field of nats.js's `StreamConfig`. */
function optionOf(name: string): string | undefined {
  return FIELD_OF_OPTION.find(([, field]) => field === name)?.[0];
}

/** Returns the fields of the given options only. The server keeps its values of other fields. */
function toStreamConfig(path: string, options: object): Partial<StreamConfig> {
  const fields = FIELD_OF_OPTION.flatMap(([option, field]) => {
    const value: unknown = Reflect.get(options, option);
    if (value === undefined) return [];
    const isDuration = STREAM_TABLE[field].isDuration === true;
    return [[field, isDuration ? durationMillis(value as Duration, path + option) * NANOS_PER_MILLI : value] as const];
  });
  return Object.fromEntries(fields);
}

/**
 * Returns the subject pattern of an event.
 * @throws InvalidSubjectError (`INVALID_SUBJECT`)
 */
function patternOf(event: AnySubject): string {
  if (typeof event !== 'string') {
    if ('subjects' in event) throw InvalidSubjectError.of(event.pattern, 'is a pattern. List its events instead.');
    return event.pattern;
  }
  assertPublishSubject(event);
  return event;
}

/** @throws InvalidOptionError (`INVALID_OPTION`) */
export function assertStreamName(name: string): void {
  assertName(name, 'name', 'a stream name');
}
