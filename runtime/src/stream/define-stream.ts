import type { StreamConfig } from '@nats-io/jetstream';
import { durationMillis, type Duration } from '../util/duration';
import { NANOS_PER_MILLI } from '../errors/duration-text';
import { InvalidOptionError } from '../errors/configuration.errors';
import { assertOptionsObject, isOptionsObject } from '../errors/options-object';
import type { AnySubject } from '../subject/event-subject';
import { subjectMatches } from '../subject/subject-match';
import { assertPublishSubject, assertSubjectPattern } from '../subject/subject-syntax';
import { deadLetterDeclaration } from './dead-letter-stream';
import type { StreamEvents } from './stream-checks.types';
import { assertDisjointSubjects, lossyFields, type DesiredStream, type StreamDeclaration } from './stream-config';
import type { DeadLetterStreamOptions, StreamOptions } from './stream-options';
import { STREAM_FIELDS, STREAM_TABLE, type LossyStreamField } from './stream-table';

/**
 * A stream as code declares it. Made by {@link defineStream}, created by
 * `NatsJetStreamTransport.forFeature`.
 */
export interface StreamDefinition<
  Events extends StreamEvents = StreamEvents,
  Subjects extends readonly string[] = readonly string[],
  Name extends string = string,
> {
  readonly name: Name;
  readonly subjects: Subjects;
  /** The subject constants that this stream stores, by the names they were declared under. */
  readonly events: Events;
  /** nats.js's `StreamConfig` that the server gets, with durations in nanoseconds. */
  readonly config: DesiredStream;
  /** Fields of `config` that may change although the change can drop messages. */
  readonly allowDataLoss: readonly LossyStreamField[];
  /** The stream of its dead letters, if it is declared. */
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
 * Declares a stream and the events that it stores. Literal names and subjects are checked by the
 * compiler. Code that is generic over them takes them as `string` and `readonly string[]`, and they
 * are checked at run time.
 * @throws InvalidOptionError (`INVALID_OPTION`), InvalidSubjectError (`INVALID_SUBJECT`)
 */
export function defineStream<
  const Subjects extends readonly string[],
  const Events extends StreamEvents = Readonly<Record<string, never>>,
  const Name extends string = string,
>(options: StreamOptions<Subjects, Events, Name>): StreamDefinition<Events, Subjects, Name>;
export function defineStream(options: AnyStreamOptions): StreamDefinition {
  assertOptionsObject('defineStream()', options, "{ name: 'ORDERS', subjects: ['order.>'] }");
  const { name, subjects } = options;
  assertStreamName(name);
  assertKnownOptions('', options, OPTIONS);
  if (!Array.isArray(subjects)) throw new InvalidOptionError('subjects', subjects, "give a list, such as ['order.>']");
  if (subjects.length === 0) throw new InvalidOptionError('subjects', subjects, `stream '${name}' needs at least one`);
  subjects.forEach(assertSubjectPattern);
  assertDisjointSubjects(name, subjects);
  const events: StreamEvents = { ...options.events };
  for (const event of Object.values<AnySubject>(events)) {
    const subject = patternOf(event);
    if (!subjects.some((pattern) => subjectMatches(subject, pattern))) {
      throw new InvalidOptionError('events', subject, `the subjects of stream '${name}' do not cover it`);
    }
  }
  const config = Object.freeze({ ...toStreamConfig('', options), name, subjects: [...subjects] });
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

function deadLettersOf(
  options: DeadLetterStreamOptions | undefined,
  stream: DesiredStream,
): StreamDeclaration | undefined {
  if (options === undefined) return undefined;
  if (!isOptionsObject(options))
    throw new InvalidOptionError('deadLetters', options, "give an object, such as { maxAge: '7d' }");
  assertKnownOptions('deadLetters.', options, DEAD_LETTER_OPTIONS);
  const lossy = lossyFields(options.allowDataLoss, 'deadLetters');
  return deadLetterDeclaration(stream.name, toStreamConfig('deadLetters.', options), lossy, stream);
}

function assertKnownOptions(path: string, options: object, known: readonly string[]): void {
  for (const [option, value] of Object.entries<unknown>({ ...options })) {
    if (value === undefined || known.includes(option)) continue;
    const [alias] = FIELD_OF_OPTION.find(([, field]) => field === option) ?? [];
    throw InvalidOptionError.unknown(`${path}${option}`, value, known, {
      alias: alias !== undefined && known.includes(alias) ? alias : undefined,
    });
  }
}

/** Options that were left out are not in the result, so they stay as the server has them. */
function toStreamConfig(path: string, options: object): Partial<StreamConfig> {
  const fields = FIELD_OF_OPTION.flatMap(([option, field]) => {
    const value: unknown = Reflect.get(options, option);
    if (value === undefined) return [];
    const isDuration = STREAM_TABLE[field].isDuration === true;
    return [[field, isDuration ? durationMillis(value as Duration, path + option) * NANOS_PER_MILLI : value] as const];
  });
  return Object.fromEntries(fields);
}

/** @throws InvalidSubjectError (`INVALID_SUBJECT`) */
function patternOf(event: AnySubject): string {
  if (typeof event !== 'string') return event.pattern;
  assertPublishSubject(event);
  return event;
}

/** @throws InvalidOptionError (`INVALID_OPTION`) */
export function assertStreamName(name: string): void {
  if (typeof name !== 'string' || !/^[^\s.*>/\\\p{Cc}]+$/u.test(name)) {
    throw new InvalidOptionError('name', name, "a stream's name has no white space, '.', '*', '>', '/' or '\\'");
  }
}
