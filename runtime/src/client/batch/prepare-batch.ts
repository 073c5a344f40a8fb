import { BatchAcrossStreamsError } from '../../errors/batch.errors';
import { InvalidOptionError } from '../../errors/configuration.errors';
import { assertKnownOptions } from '../../errors/options-object';
import type { JetStreamSession } from '../../session/jetstream-session';
import type { StreamRegistry } from '../../stream/stream-registry';
import type { EventArgument, SubjectArgument } from '../../subject/subject-argument';
import { copyHeaders } from '../message-headers';
import type { NatsJetStreamRecord } from '../nats-jetstream.record';
import type { OpenedEvent } from '../nats-jetstream.record';
import type { NatsJetStreamPubAck } from '../pub-ack';
import { prepareEvent, type PreparedEvent, type PublishOutcome, type PublishSession } from '../prepare-event';
import {
  checkedPublish,
  mergedOptions,
  newMessageId,
  type CheckedPublish,
  type PublishDefaults,
  type PublishOptions,
} from '../publish-options';

/** Events of {@link NatsJetStreamClientProxy.emitAll}, as pairs of a subject and its event. */
export type EventPairs<Subjects extends readonly string[]> = readonly [
  ...{ [Index in keyof Subjects]: EventPair<Subjects[Index]> },
];

/** A subject and its event or record. */
export type EventPair<Subject extends string> = PairOf<Subject> | (Subject extends string ? PairOf<Subject> : never);

type PairOf<Subject extends string> = readonly [
  subject: SubjectArgument<Subject>,
  event: EventArgument<Subject> | NatsJetStreamRecord<EventArgument<Subject>>,
];

/** Options of a batch. Use a record for the options of one event. */
export interface BatchPublishOptions extends Pick<
  PublishOptions,
  'headers' | 'retries' | 'timeout' | 'ttl' | 'validate'
> {
  /**
   * Message id of the batch. The stream stores it once within its duplicate window. Event 2 of 3
   * has the id `<msgID>-2/3`. Default: a random id.
   */
  msgID?: string;
  /**
   * Name of the stream that must store the batch, and the last sequence that it must have before
   * it.
   */
  expect?: { streamName?: string; lastSequence?: number };
}

/** Confirmation that the server stored all events of a batch, with consecutive sequences. */
export interface NatsJetStreamBatchAck extends NatsJetStreamPubAck {
  /** Sequence of the last event of the batch. */
  readonly seq: number;
  /** Sequence of the first event of the batch. */
  readonly firstSeq: number;
  /** Number of events in the batch. */
  readonly count: number;
}

/** An event of a batch with a message id for all attempts. */
export interface IdentifiedEvent extends PreparedEvent {
  readonly messageId: string;
}

/** A batch that is ready to be sent. */
export interface PreparedBatch {
  /** Subject of the last event, whose PubAck confirms the batch. */
  readonly subject: string;
  readonly events: readonly [IdentifiedEvent, ...IdentifiedEvent[]];
  readonly messageId: string;
  readonly options: CheckedPublish;
  readonly outcome: BatchOutcome;
}

/** Callbacks for the outcome of a batch. Either `stored` or `failed` is called, once. */
export interface BatchOutcome extends Pick<PublishOutcome, 'failed' | 'addedHeaders' | 'retrying'> {
  stored(ack: NatsJetStreamBatchAck): void;
}

/** An event of a batch with its options. */
export interface BatchEvent extends OpenedEvent {
  readonly subject: string;
}

/** The part of a session that batches need. */
export type BatchSession = PublishSession & Pick<JetStreamSession, 'streams' | 'telemetry'>;

/** Limit of nats-server. */
const MAX_EVENTS = 1_000;
const OPTIONS = [
  'expect',
  'headers',
  'msgID',
  'retries',
  'timeout',
  'ttl',
  'validate',
] satisfies (keyof BatchPublishOptions)[];
const OF_THE_BATCH = ['msgID', 'retries', 'timeout'] as const;
const OF_THE_BATCH_TO_EXPECT = ['streamName', 'lastSequence'] as const;

/** @throws InvalidOptionError (`INVALID_OPTION`) unless there are 1 to 1,000 pairs */
export function assertBatch(
  events: unknown,
): asserts events is readonly (readonly [subject: string, event: unknown])[] {
  if (!Array.isArray(events)) throw new InvalidOptionError('events', events, 'pass an array of pairs [subject, event]');
  if (events.length === 0 || events.length > MAX_EVENTS)
    throw InvalidOptionError.of(
      `A batch has 1 to ${MAX_EVENTS.toLocaleString('en')} events, not ${events.length.toLocaleString('en')}. ` +
        `${events.length === 0 ? 'Pass at least one event' : 'Emit several batches'}.`,
      events.length,
    );
  for (const [index, pair] of events.entries())
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new InvalidOptionError(`events[${index}]`, pair, 'pass a pair [subject, event]');
}

/**
 * Checks the events of a batch and encodes all of them, before any is sent.
 * @throws InvalidOptionError, BatchAcrossStreamsError, UnserializableEventError, InvalidEventError
 */
export function prepareBatch(
  session: BatchSession,
  events: readonly BatchEvent[],
  given: BatchPublishOptions,
  defaults: PublishDefaults,
  outcome: BatchOutcome,
): PreparedBatch | Promise<PreparedBatch> {
  assertKnownOptions(given, OPTIONS);
  assertKnownOptions(given.expect ?? {}, OF_THE_BATCH_TO_EXPECT, { path: 'expect.' });
  const options = checkedPublish(given, defaults, session.timeoutMs);
  assertOneStream(session.streams, events);
  const { msgID: messageId = newMessageId() } = options;
  const prepared = events.map((event, index) =>
    settled(() => {
      const msgID = `${messageId}-${index + 1}/${events.length}`;
      const own = { ...withShared(event.options, options, index), msgID };
      return identified(prepareEvent(session, event.subject, event.event, own, {}, NO_OUTCOME), msgID);
    }),
  );
  const batchOf = (all: readonly IdentifiedEvent[]): PreparedBatch => {
    const [first, ...others] = all as readonly [IdentifiedEvent, ...IdentifiedEvent[]];
    const { subject } = others.at(-1) ?? first;
    return { subject, events: [first, ...others], messageId, options, outcome };
  };
  const ready = prepared.filter((event): event is IdentifiedEvent => !(event instanceof Promise));
  if (ready.length === prepared.length) return batchOf(ready);
  return Promise.all(prepared.map(async (event) => event)).then(batchOf);
}

/** Unused, because the events of a batch share one outcome. */
const NO_OUTCOME: PublishOutcome = { stored: () => undefined, failed: () => undefined };

function identified(
  event: PreparedEvent | Promise<PreparedEvent>,
  messageId: string,
): IdentifiedEvent | Promise<IdentifiedEvent> {
  return event instanceof Promise ? event.then((ready) => ({ ...ready, messageId })) : { ...event, messageId };
}

/** Turns an error into a rejected promise, so that the events prepared before it are awaited. */
function settled<T>(prepare: () => T | Promise<T>): T | Promise<T> {
  try {
    return prepare();
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Merges the options of one event with those of the batch. */
function withShared(own: PublishOptions, batch: CheckedPublish, index: number): PublishOptions {
  for (const option of OF_THE_BATCH) refuseOfEvent(index, option, own[option]);
  for (const option of OF_THE_BATCH_TO_EXPECT) refuseOfEvent(index, `expect.${option}`, own.expect?.[option]);
  if (own.expect?.lastMsgID !== undefined)
    throw new InvalidOptionError(
      `events[${index}].expect.lastMsgID`,
      own.expect.lastMsgID,
      "the server does not support it in a batch. Use 'lastSubjectSequence' instead",
    );
  // For later events, the server compares the sequence that the event will have.
  const { streamName, lastSequence } = index === 0 ? (batch.expect ?? {}) : { streamName: batch.expect?.streamName };
  const expect = {
    ...(streamName === undefined ? {} : { streamName }),
    ...(lastSequence === undefined ? {} : { lastSequence }),
    ...own.expect,
  };
  const { ttl, validate, headers } = batch;
  return mergedOptions<PublishOptions>(
    { validate, ...(ttl === undefined ? {} : { ttl: ttl as `${number}s` }) },
    own,
    headers || own.headers ? { headers: copyHeaders(headers, own.headers) } : {},
    Object.keys(expect).length > 0 ? { expect } : {},
  );
}

function refuseOfEvent(index: number, option: string, value: unknown): void {
  if (value === undefined) return;
  throw new InvalidOptionError(
    `events[${index}].${option}`,
    value,
    'it applies to the whole batch. Pass it in the options of emitAll(events, options)',
  );
}

/**
 * Checks the declared streams. Only the server knows the others.
 * @throws BatchAcrossStreamsError (`BATCH_ACROSS_STREAMS`)
 */
function assertOneStream(streams: StreamRegistry, events: readonly BatchEvent[]): void {
  let known: { subject: string; stream: string } | undefined;
  for (const { subject } of events) {
    const stream = streams.covering(subject)?.name;
    if (stream === undefined) continue;
    known ??= { subject, stream };
    if (known.stream !== stream) throw new BatchAcrossStreamsError([known, { subject, stream }]);
  }
}
