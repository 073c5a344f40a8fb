import { AckPolicy, type ConsumerConfig, type ReplayPolicy } from '@nats-io/jetstream';
import { durationText } from '../../errors/duration-text';
import { InvalidOptionError } from '../../errors/configuration.errors';
import { OptionProblems } from '../../errors/option-problems';
import { refuseSmallLimits, type BatchSettings } from './batch-options';
import type { ConsumerOptions, HandlerOptions } from './consumer-options';
import { delivery, type Delivery } from './delivery';
import { mergedOptions, refuseConflicts } from './option-conflicts';
import { VALUE_RULES } from './option-rules';
import { canonicalOptions } from './option-spelling';
import { CONSUMER_OPTIONS, type OptionRow } from './option-table';
import { pinning, type Pinning } from './pinning';
import { retryDelays, type RetryPause } from './retry-delay';
import { consumerStart, type ConsumerStart } from './start-position';

/** Options of one consumer, parsed and completed. */
export interface ConsumerSettings {
  /** Undefined unless the handler receives batches. */
  readonly batch: BatchSettings | undefined;
  readonly concurrency: number;
  readonly prefetch: number;
  /** Maximum of `prefetch` while handlers are fast. Equal to it if it is declared. */
  readonly prefetchOfFast: number;
  /** The shortest of `backoff`, or `ackWait`. */
  readonly ackWaitMs: number;
  readonly maxProcessingTimeMs: number;
  readonly retryPause: RetryPause;
  readonly timeoutMs: number | undefined;
  /** Maximum time of a deserializer. */
  readonly decodeLimitMs: number;
  readonly orderBy: ConsumerOptions['orderBy'] | undefined;
  /** Undefined if instances share the messages. */
  readonly pinned: Pinning | undefined;
  /** The declared maximum. The transport enforces it, because the server has none. */
  readonly maxDeliver: number;
  readonly deadLetter: NonNullable<ConsumerOptions['deadLetter']>;
  readonly terminateOn: ((failure: unknown) => boolean) | undefined;
  readonly manualAck: boolean;
  readonly ackMode: 'single' | 'double';
  readonly ackPolicy: AckPolicy;
  readonly replayPolicy: ReplayPolicy;
  readonly start: ConsumerStart;
  readonly delivery: Delivery;
  /** True if the handler also receives delete markers of the server. */
  readonly deliverMarkers: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  /** Declared fields of the server's configuration. */
  readonly serverConfig: Partial<ConsumerConfig>;
  /**
   * `max_ack_pending` if none is declared. A lower limit of the stream replaces it. Undefined
   * without acknowledgements.
   */
  readonly defaultMaxAckPending: number | undefined;
  /** Warnings about valid values that are most likely a mistake. */
  readonly warnings: readonly string[];
}

type Table = typeof CONSUMER_OPTIONS;
type Parsed = { readonly [Option in keyof Table]?: ReturnType<Table[Option]['parse']> };
type WithDefault = {
  [Option in keyof Table]: Table[Option] extends { default: unknown } ? Option : never;
}[keyof Table];
/** Parsed options. Those with a default are always defined. */
type Complete = Parsed & Required<Pick<Parsed, WithDefault>>;

const PREFETCH_FACTOR = 4;
/** Maximum of the default `prefetch` while handlers are fast. A higher one saves no CPU time. */
const PREFETCH_OF_FAST = 512;
/**
 * High, because delayed retries count as unacknowledged and must not block new messages. `prefetch`
 * limits each process.
 */
const PULL_MAX_ACK_PENDING = 50_000;
/** Default of the server. Nothing else limits the messages that it pushes. */
const PUSH_MAX_ACK_PENDING = 1_000;
/** Default maximum of messages in the process of a batch handler, unless one batch is larger. */
const BATCH_PREFETCH = 1_000;

const DEFAULTS: HandlerOptions = Object.fromEntries(
  Object.entries(CONSUMER_OPTIONS).flatMap(([option, row]) => ('default' in row ? [[option, row.default]] : [])),
);

/**
 * Parses the options of one consumer. Later layers override earlier ones.
 * @throws InvalidOptionError (`INVALID_OPTION`), or InvalidOptionsError (`INVALID_OPTIONS`) with
 * all problems
 */
export function consumerSettings(...layers: readonly HandlerOptions[]): ConsumerSettings {
  const problems = new OptionProblems();
  const canonical = layers.map((layer) => problems.try(() => canonicalOptions(layer)) ?? {});
  const declared = mergedOptions(canonical);
  const warnings: string[] = [];
  const options = parsed({ ...DEFAULTS, ...declared }, problems, warnings);
  refuseConflicts(declared, problems);
  problems.throwIfAny();

  const { ackPolicy: declaredPolicy, batch, maxDeliver, retryDelay, timeout: timeoutMs } = options;
  const ordered = options.orderedConsumer;
  const ackPolicy = ordered ? AckPolicy.None : declaredPolicy;
  const concurrency = ordered ? 1 : concurrencyOf(options, declared);
  const deliveryMode = problems.try(() => delivery(options));
  const ackWaitMs = options.backoff ? Math.min(...options.backoff) : options.ackWait;
  const isPinned = options.orderAcross === 'instances' && !ordered;
  const pinned = isPinned ? problems.try(() => pinning(ackWaitMs, deliveryMode?.heartbeatMs ?? 0)) : undefined;
  const prefetch = prefetchOf(options, ordered ? options.concurrency : concurrency);
  const usualMaxAckPending = deliveryMode?.kind === 'push' ? PUSH_MAX_ACK_PENDING : PULL_MAX_ACK_PENDING;
  const defaultMaxAckPending = pinned ? prefetch : usualMaxAckPending;
  problems.try(() => assertPrefetch(declared, options, concurrency));
  problems.try(() => assertTimes(declared, options));
  problems.try(() => assertBackoff(options));
  if (batch) {
    const pending = ackPolicy === AckPolicy.None ? undefined : (options.maxAckPending ?? defaultMaxAckPending);
    refuseSmallLimits(batch, { prefetch, maxAckPending: pending }, problems);
  }
  problems.throwIfAny();
  return {
    batch,
    concurrency,
    prefetch,
    prefetchOfFast: pinned ? prefetch : prefetchOfFast(options, prefetch),
    ackWaitMs,
    maxProcessingTimeMs: options.maxProcessingTime,
    retryPause: retryDelay,
    timeoutMs,
    decodeLimitMs: timeoutMs ?? options.maxProcessingTime,
    orderBy: options.orderBy,
    pinned,
    // Without acknowledgements nothing is redelivered, so the first failure is the last.
    maxDeliver: ackPolicy === AckPolicy.None ? 1 : maxDeliver,
    deadLetter: options.deadLetter,
    terminateOn: options.terminateOn,
    manualAck: options.manualAck,
    ackMode: options.ackMode,
    ackPolicy,
    replayPolicy: options.replayPolicy,
    start: consumerStart(options),
    // It is defined, because any problem was thrown above.
    delivery: deliveryMode as Delivery,
    deliverMarkers: options.deliverMarkers,
    metadata: { ...options.monitor, ...options.metadata },
    serverConfig: serverConfig(options, declared),
    defaultMaxAckPending: ackPolicy === AckPolicy.None ? undefined : defaultMaxAckPending,
    warnings,
  };
}

function parsed(declared: HandlerOptions, problems: OptionProblems, warnings: string[]): Complete {
  const values: Record<string, unknown> = {};
  for (const [option, row] of Object.entries<OptionRow>(CONSUMER_OPTIONS)) {
    const value: unknown = Reflect.get(declared, option);
    if (value !== undefined) values[option] = problems.try(() => row.parse(value as never, option, warnings));
  }
  // Each default is parsed above. If one is missing, the caller throws a problem.
  return values as Complete;
}

/** Returns the declared fields that depend on one option only. */
function serverConfig(options: Parsed, declared: HandlerOptions): Partial<ConsumerConfig> {
  const config: Record<string, unknown> = {};
  for (const [option, row] of Object.entries<OptionRow>(CONSUMER_OPTIONS)) {
    const value: unknown = Reflect.get(options, option);
    const field = row.server?.[0]?.field;
    if (field === undefined || row.toServer === undefined || Reflect.get(declared, option) === undefined) continue;
    const converted = row.toServer(value as never);
    if (converted !== undefined) config[field] = converted;
  }
  return config;
}

function concurrencyOf({ concurrency, maxMessages = concurrency }: Complete, declared: HandlerOptions): number {
  return declared.concurrency === undefined ? Math.min(concurrency, maxMessages) : concurrency;
}

function prefetchOf({ prefetch, maxMessages, batch, maxAckPending }: Complete, concurrency: number): number {
  const wanted = PREFETCH_FACTOR * concurrency * (batch?.size ?? 1);
  const usual = batch ? Math.min(wanted, Math.max(batch.size, maxAckPending ?? BATCH_PREFETCH)) : wanted;
  return prefetch ?? maxMessages ?? usual;
}

/** Raises only the default, and not above `maxAckPending`. */
function prefetchOfFast({ prefetch, maxMessages, batch, maxAckPending }: Complete, usual: number): number {
  if (prefetch !== undefined || maxMessages !== undefined || batch) return usual;
  return Math.max(usual, Math.min(PREFETCH_OF_FAST, maxAckPending ?? PREFETCH_OF_FAST));
}

function assertPrefetch(
  declared: HandlerOptions,
  { prefetch, maxMessages, batch }: Complete,
  concurrency: number,
): void {
  const held = prefetch ?? maxMessages;
  if (held === undefined || batch || held >= concurrency) return;
  const remedy = `it is below 'concurrency' (${concurrency}), which could never be reached. Raise it or lower concurrency`;
  throw new InvalidOptionError(declared.prefetch === undefined ? 'maxMessages' : 'prefetch', held, remedy);
}

/** Refuses a `timeout` or `retryDelay` above `maxProcessingTime`. */
function assertTimes(declared: HandlerOptions, { timeout, maxProcessingTime, orderBy }: Complete): void {
  if (timeout !== undefined && timeout > maxProcessingTime) throw longer('timeout', timeout, maxProcessingTime);
  if (!orderBy || declared.retryDelay === undefined || typeof declared.retryDelay === 'function') return;
  const longest = Math.max(...retryDelays(declared.retryDelay, 'retryDelay'));
  if (longest > maxProcessingTime) throw longer('retryDelay', longest, maxProcessingTime, 'with orderBy ');
}

function longer(option: string, millis: number, limitMs: number, when = ''): InvalidOptionError {
  const remedy =
    `${when}it must not be longer than 'maxProcessingTime' (${durationText(limitMs)}). ` +
    `Shorten it or raise maxProcessingTime`;
  return new InvalidOptionError(option, durationText(millis), remedy);
}

function assertBackoff({ backoff, maxDeliver }: Complete): void {
  if (!backoff || maxDeliver === -1 || backoff.length <= maxDeliver) return;
  throw InvalidOptionError.of(VALUE_RULES.longBackoff, backoff);
}
