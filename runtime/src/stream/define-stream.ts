import { InvalidOptionError } from '../errors/configuration.errors';
import { subjectMatches } from '../subject/subject-match';
import { assertPublishSubject, assertSubjectPattern } from '../subject/subject-syntax';
import { assertDisjoint } from '../subject/disjoint-subjects';
import { lossyFieldsOf, type LossyStreamField } from './lossy-fields';
import { toStreamConfig, type DesiredStream } from './stream-config';
import type { StreamOptions } from './stream-options';

/** A stream as code declares it; made by {@link defineStream}, created by `NatsJetStreamTransport.forFeature`. */
export interface StreamDefinition<Events extends Record<string, string> = Record<string, string>> {
  readonly name: string;
  readonly subjects: readonly string[];
  /** The subject constants that this stream stores, by the names they were declared under. */
  readonly events: Events;
  /** What is sent to the server: nats.js's `StreamConfig`, durations in nanoseconds. */
  readonly config: DesiredStream;
  /** Fields of `config` that may change although that drops messages. */
  readonly allowDataLoss: readonly LossyStreamField[];
}

/**
 * Declares a stream and the events that it stores.
 * @throws InvalidOptionError (`INVALID_OPTION`), InvalidSubjectError (`INVALID_SUBJECT`)
 */
export function defineStream<
  const Subjects extends readonly string[],
  const Events extends Record<string, string> = Record<string, string>,
>(options: StreamOptions<Subjects, Events>): StreamDefinition<Events> {
  const { name, subjects } = options;
  assertStreamName(name);
  if (subjects.length === 0) throw new InvalidOptionError('subjects', subjects, `stream '${name}' needs at least one`);
  subjects.forEach(assertSubjectPattern);
  assertDisjoint('subjects', subjects);
  const events = { ...options.events } as unknown as Events;
  for (const subject of Object.values(events)) {
    assertPublishSubject(subject);
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

/** @throws InvalidOptionError (`INVALID_OPTION`) */
export function assertStreamName(name: string): void {
  if (typeof name !== 'string' || !/^[^\s.*>/\\\p{Cc}]+$/u.test(name)) {
    throw new InvalidOptionError('name', name, "a stream's name has no white space, '.', '*', '>', '/' or '\\'");
  }
}
