import { InvalidOptionError } from '../errors/configuration.errors';
import { subjectMatches } from '../subject/subject-match';
import { assertPublishSubject, assertSubjectPattern } from '../subject/subject-syntax';
import { assertDisjoint } from '../subject/disjoint-subjects';
import { lossyFieldsOf, type LossyStreamField } from './lossy-fields';
import { toStreamConfig, type DesiredStream } from './stream-config';
import type { AnySubject } from '../subject/event-subject';
import type { StreamEvents, StreamOptions } from './stream-options';

/** A stream as code declares it; made by {@link defineStream}, created by `NatsJetStreamTransport.forFeature`. */
export interface StreamDefinition<
  Events extends StreamEvents = StreamEvents,
  Subjects extends readonly string[] = readonly string[],
  Name extends string = string,
> {
  readonly name: Name;
  readonly subjects: Subjects;
  /** The subject constants that this stream stores, by the names they were declared under. */
  readonly events: Events;
  /** What is sent to the server: nats.js's `StreamConfig`, durations in nanoseconds. */
  readonly config: DesiredStream;
  /** Fields of `config` that may change although that drops messages. */
  readonly allowDataLoss: readonly LossyStreamField[];
}

/**
 * Declares a stream and the events that it stores. A literal that is no name or no subject, and subjects that overlap, do not
 * compile; code that is generic over them takes them as `string` and `readonly string[]`, and leaves that to run time.
 * @throws InvalidOptionError (`INVALID_OPTION`), InvalidSubjectError (`INVALID_SUBJECT`)
 */
export function defineStream<
  const Subjects extends readonly string[],
  const Events extends StreamEvents = Readonly<Record<string, never>>,
  const Name extends string = string,
>(options: StreamOptions<Subjects, Events, Name>): StreamDefinition<Events, Subjects, Name>;
export function defineStream(options: StreamOptions<readonly string[], StreamEvents>): StreamDefinition {
  const { name, subjects } = options;
  assertStreamName(name);
  if (subjects.length === 0) throw new InvalidOptionError('subjects', subjects, `stream '${name}' needs at least one`);
  subjects.forEach(assertSubjectPattern);
  assertDisjoint('subjects', subjects);
  const events: StreamEvents = { ...options.events };
  for (const event of Object.values<AnySubject>(events)) {
    const subject = patternOf(event);
    if (!subjects.some((pattern) => subjectMatches(subject, pattern))) {
      throw new InvalidOptionError('events', subject, `the subjects of stream '${name}' do not cover it`);
    }
  }
  return Object.freeze({
    name,
    subjects: Object.freeze([...subjects]),
    events: Object.freeze(events),
    config: toStreamConfig(options),
    allowDataLoss: Object.freeze(lossyFieldsOf(options.allowDataLoss)),
  });
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
