import { AckPolicy, DeliverPolicy, ReplayPolicy, type ConsumerConfig } from '@nats-io/jetstream';
import type { Duration } from '../../util/duration';
import { NANOS_PER_MILLI } from '../../errors/duration-text';
import { InvalidOptionError } from '../../errors/configuration.errors';
import { batchSettings } from './batch-options';
import { consumerMonitor } from './consumer-monitor';
import type { ConsumerOptions, HandlerOptions } from './consumer-options';
import {
  duration,
  listOf,
  oneOf,
  pastDate,
  subjectToPublish,
  text,
  texts,
  token,
  trueOrFalse,
  wholeNumber,
  type Parser,
} from './option-parsers';
import { VALUE_RULES } from './option-rules';
import { DEFAULT_RETRY_DELAY, retryPause } from './retry-delay';

/** Field of nats.js's `ConsumerConfig`. */
export interface ServerField {
  readonly field: keyof ConsumerConfig;
  readonly changeable: boolean;
  /**
   * Value that nats-server 2.15 reports when the field was not set. Undefined if it reports none,
   * or a zero value.
   */
  readonly absent?: (declared: Partial<ConsumerConfig>) => unknown;
  /** True if the drift of the field follows a rule of its own in consumer-drift.ts. */
  readonly ownRule?: boolean;
}

/** Row of the option table. See option-rules.ts for conflicts, consumer-options.ts for docs. */
export interface OptionRow {
  readonly aliases?: readonly string[];
  readonly parse: Parser<never, unknown>;
  /** Default, as a declared value. */
  readonly default?: unknown;
  /** Default in words, if it depends on other options. */
  readonly usually?: string;
  /** Reason why it cannot be a default of all consumers. */
  readonly handlerOnly?: string;
  readonly server?: readonly ServerField[];
  /** Converts the parsed value to that of the first server field, if no other option affects it. */
  readonly toServer?: (parsed: never) => unknown;
}

type OptionName = Exclude<keyof HandlerOptions, Alias>;
type Alias = 'deliveryPolicy' | 'maxwaiting' | 'filterSubject';

/** A shorter time without a unit is most likely meant as seconds. */
const SECONDS = { suspiciousBelowMs: 1_000 };
const same = <Value>(value: Value): Value => value;
const nanos = (millis: number): number => millis * NANOS_PER_MILLI;
const START_FIELD = { changeable: false, ownRule: true } as const;
const PIN_FIELD = { changeable: true, ownRule: true } as const;
const isAcknowledged = ({ ack_policy }: Partial<ConsumerConfig>): boolean => ack_policy !== AckPolicy.None;
const isPulled = ({ deliver_subject }: Partial<ConsumerConfig>): boolean => deliver_subject === undefined;

/**
 * All consumer options: settings, server configuration, drift, refusals and docs/options.md are
 * derived from this table.
 */
export const CONSUMER_OPTIONS = {
  durable: {
    parse: nameOrBoolean,
    usually: 'a name derived from `id`, subject and handler',
    server: [{ field: 'durable_name', ...START_FIELD }],
  },
  stream: {
    parse: token('a stream name'),
    usually: 'the stream that stores the subject',
    handlerOnly: 'every handler would read this stream',
  },
  connection: {
    parse: text,
    usually: 'the connection without a name',
    handlerOnly: 'these options already belong to one connection',
  },
  batch: { parse: batchSettings, handlerOnly: 'it would turn the event of every handler into an array' },
  concurrency: { parse: wholeNumber(), default: 16 },
  prefetch: { parse: wholeNumber(), usually: '4 × `concurrency`, more for fast handlers' },
  maxMessages: { parse: wholeNumber() },
  ackWait: {
    parse: duration({ leastMs: 100, ...SECONDS }),
    default: '30s',
    server: [
      {
        field: 'ack_wait',
        changeable: true,
        absent: ({ backoff, ...declared }) => backoff?.[0] ?? (isAcknowledged(declared) ? nanos(30_000) : undefined),
      },
    ],
  },
  maxProcessingTime: { parse: duration({ isTimer: true, ...SECONDS }), default: '10m' },
  maxDeliver: {
    parse: endlessOrCount,
    default: 5,
    // The transport counts deliveries itself, so the server must not stop redelivering.
    server: [{ field: 'max_deliver', changeable: true, absent: () => -1 }],
  },
  deadLetter: { parse: deadLetterTarget, default: 'stream' },
  terminateOn: { parse: failureTest, usually: 'only `TerminateError`' },
  manualAck: { parse: trueOrFalse, default: false },
  ackMode: { parse: oneOf(['single', 'double']), default: 'single' },
  retryDelay: { parse: retryPause, default: DEFAULT_RETRY_DELAY },
  timeout: { parse: duration({ isTimer: true, suspiciousBelowMs: 100 }), usually: 'no limit' },
  orderBy: { parse: aFunction<NonNullable<ConsumerOptions['orderBy']>>('that returns the key of a message') },
  orderAcross: {
    parse: oneOf(['process', 'instances']),
    default: 'process',
    server: [
      { field: 'priority_policy', ...PIN_FIELD },
      { field: 'priority_groups', ...PIN_FIELD },
      { field: 'priority_timeout', ...PIN_FIELD },
    ],
  },
  deliverMarkers: { parse: trueOrFalse, default: false },
  deliverPolicy: {
    aliases: ['deliveryPolicy'],
    parse: oneOf(Object.values(DeliverPolicy)),
    usually: '`All`',
    server: [{ field: 'deliver_policy', ...START_FIELD }],
  },
  startSequence: { parse: wholeNumber(), server: [{ field: 'opt_start_seq', ...START_FIELD }] },
  startAtTimeDelta: { parse: duration(SECONDS), server: [{ field: 'opt_start_time', ...START_FIELD }] },
  startTime: { parse: pastDate, server: [{ field: 'opt_start_time', ...START_FIELD }] },
  ackPolicy: {
    parse: oneOf([AckPolicy.Explicit, AckPolicy.All, AckPolicy.None]),
    default: 'Explicit',
    server: [{ field: 'ack_policy', changeable: false }],
  },
  maxAckPending: {
    parse: wholeNumber(),
    usually: "50,000; push 1,000; with `orderAcross: 'instances'` `prefetch`",
    server: [
      {
        field: 'max_ack_pending',
        changeable: true,
        absent: (declared) => (isAcknowledged(declared) ? 1_000 : undefined),
      },
    ],
    toServer: same<number>,
  },
  replayPolicy: {
    parse: oneOf([ReplayPolicy.Instant, ReplayPolicy.Original]),
    default: 'Instant',
    server: [{ field: 'replay_policy', changeable: false }],
  },
  filterSubjects: {
    aliases: ['filterSubject'],
    parse: listOf(text),
    usually: "the handler's subject",
    server: [
      { field: 'filter_subjects', changeable: true },
      { field: 'filter_subject', changeable: true, ownRule: true },
    ],
  },
  sample: {
    parse: wholeNumber(0, 100),
    server: [{ field: 'sample_freq', changeable: true }],
    toServer: (percentage: number) => (percentage === 0 ? undefined : `${percentage}%`),
  },
  idleHeartbeat: {
    parse: duration({ isTimer: true, leastMs: 100 }),
    usually: '2 s; ordered and with `flowControl` 1 s',
    server: [{ field: 'idle_heartbeat', changeable: false }],
  },
  flowControl: {
    parse: trueOrFalse,
    default: false,
    server: [{ field: 'flow_control', changeable: false }],
    toServer: same<boolean>,
  },
  maxWaiting: {
    aliases: ['maxwaiting'],
    parse: wholeNumber(),
    usually: '512 (server)',
    server: [{ field: 'max_waiting', changeable: false, absent: (declared) => (isPulled(declared) ? 512 : undefined) }],
    toServer: same<number>,
  },
  limit: {
    parse: wholeNumber(),
    server: [{ field: 'rate_limit_bps', changeable: true }],
    toServer: same<number>,
  },
  description: { parse: text, server: [{ field: 'description', changeable: true }], toServer: same<string> },
  deliverTo: { parse: subjectToPublish, server: [{ field: 'deliver_subject', changeable: true, ownRule: true }] },
  deliverToSubject: {
    parse: subjectToPublish,
    server: [{ field: 'deliver_subject', changeable: true, ownRule: true }],
  },
  deliverGroup: {
    parse: token('a group'),
    usually: "the consumer's name",
    server: [{ field: 'deliver_group', changeable: false }],
  },
  orderedConsumer: { parse: trueOrFalse, default: false },
  headersOnly: {
    parse: trueOrFalse,
    default: false,
    server: [{ field: 'headers_only', changeable: true }],
    toServer: same<boolean>,
  },
  backoff: {
    parse: backoffDelays,
    server: [{ field: 'backoff', changeable: true }],
    toServer: (pausesMs: readonly number[]) => pausesMs.map(nanos),
  },
  inactiveThreshold: {
    // With a shorter time, a restart of the service would lose the position.
    parse: duration({ leastMs: 1_000 }),
    usually: 'never; 1 min with `durable: false`',
    server: [{ field: 'inactive_threshold', changeable: true }],
    toServer: nanos,
  },
  numReplicas: {
    parse: wholeNumber(),
    usually: 'those of the stream',
    server: [{ field: 'num_replicas', changeable: true }],
    toServer: same<number>,
  },
  memStorage: {
    parse: trueOrFalse,
    default: false,
    server: [{ field: 'mem_storage', changeable: false }],
    toServer: same<boolean>,
  },
  metadata: { parse: texts, server: [{ field: 'metadata', changeable: true, ownRule: true }] },
  monitor: { parse: consumerMonitor, server: [{ field: 'metadata', changeable: true, ownRule: true }] },
} as const satisfies Record<OptionName, OptionRow>;

/** Option of nats.js that has no meaning here. */
interface UnsupportedOption {
  readonly field: keyof ConsumerConfig;
  /** Reason and remedy. */
  readonly because: string;
}

const LIMITED_BY_PREFETCH = "'prefetch' limits the requests of a process. Set prefetch instead";
const PRIORITIES = "instances share the messages evenly. Use orderAcross: 'instances' to pin one of them";

/** Options of nats.js that have no meaning here. */
export const UNSUPPORTED_OPTIONS: Readonly<Record<string, UnsupportedOption>> = {
  name: { field: 'name', because: "'durable' is the name on the server. Set durable instead" },
  maxBatch: { field: 'max_batch', because: LIMITED_BY_PREFETCH },
  maxBytes: { field: 'max_bytes', because: LIMITED_BY_PREFETCH },
  maxExpires: { field: 'max_expires', because: LIMITED_BY_PREFETCH },
  pauseUntil: {
    field: 'pause_until',
    because: 'a date in the code is soon in the past. Use JetStreamAdmin.pauseConsumer()',
  },
  priorityGroups: { field: 'priority_groups', because: PRIORITIES },
  priorityPolicy: { field: 'priority_policy', because: PRIORITIES },
  priorityTimeout: { field: 'priority_timeout', because: PRIORITIES },
};

function endlessOrCount(value: number, option: string): number {
  return value === -1 ? value : wholeNumber()(value, option);
}

function nameOrBoolean(value: string | boolean, option: string): string | boolean {
  return typeof value === 'boolean' ? value : text(value, option);
}

function aFunction<Parsed>(that: string): (value: Parsed, option: string) => Parsed {
  return (value, option) => {
    if (typeof value === 'function') return value;
    throw new InvalidOptionError(option, value, `pass a function ${that}`);
  };
}

function backoffDelays(value: readonly Duration[], option: string, warnings: string[]): number[] {
  const delaysMs = listOf(duration({ leastMs: 100, ...SECONDS }))(value, option, warnings);
  if (delaysMs.length > 0) return delaysMs;
  throw InvalidOptionError.of(VALUE_RULES.backoff, value);
}

type DeadLetterTarget = NonNullable<ConsumerOptions['deadLetter']>;

function deadLetterTarget(value: DeadLetterTarget, option: string): DeadLetterTarget {
  if (value === 'stream' || value === 'off' || typeof value === 'function') return value;
  throw new InvalidOptionError(option, value, "pass 'stream', 'off' or a function");
}

function failureTest(
  value: NonNullable<ConsumerOptions['terminateOn']>,
  option: string,
): (failure: unknown) => boolean {
  if (typeof value === 'function') return value;
  if (Array.isArray(value) && value.every((each) => typeof each === 'function'))
    return (failure) => value.some((errorClass) => failure instanceof errorClass);
  throw new InvalidOptionError(option, value, 'pass a list of error classes, or a function');
}
