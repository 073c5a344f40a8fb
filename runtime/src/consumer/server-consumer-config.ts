import { AckPolicy, DeliverPolicy, ReplayPolicy, type ConsumerConfig } from '@nats-io/jetstream';
import { durationMillis, type Duration } from '../duration/duration';
import { InvalidOptionError } from '../errors/configuration.errors';
import type { ServerConsumerOptions } from './server-consumer-options';

const NANOS_PER_MILLI = 1_000_000;

const DELIVER_POLICIES = {
  all: DeliverPolicy.All,
  last: DeliverPolicy.Last,
  new: DeliverPolicy.New,
  bystartsequence: DeliverPolicy.StartSequence,
  bystarttime: DeliverPolicy.StartTime,
  lastpersubject: DeliverPolicy.LastPerSubject,
};
const ACK_POLICIES = { explicit: AckPolicy.Explicit, all: AckPolicy.All, none: AckPolicy.None };
const REPLAY_POLICIES = { instant: ReplayPolicy.Instant, original: ReplayPolicy.Original };

/** Fields of nats.js's `ConsumerConfig` that the options say; what they leave open stays the server's choice. */
export function serverConsumerConfig(options: ServerConsumerOptions): Partial<ConsumerConfig> {
  const config: { [Field in keyof ConsumerConfig]?: ConsumerConfig[Field] | undefined } = {
    max_ack_pending: count('maxAckPending', options.maxAckPending),
    sample_freq: options.sample === undefined ? undefined : `${percentage(options.sample)}%`,
    max_waiting: count('maxWaiting', options.maxWaiting),
    rate_limit_bps: count('limit', options.limit),
    description: options.description,
    headers_only: options.headersOnly,
    backoff: options.backoff?.map((pause) => nanos(pause, 'backoff') ?? 0),
    inactive_threshold: nanos(options.inactiveThreshold, 'inactiveThreshold'),
    num_replicas: count('numReplicas', options.numReplicas),
    mem_storage: options.memStorage,
    flow_control: options.flowControl,
  };
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
}

export function deliverPolicy({ deliverPolicy: name, ...start }: ServerConsumerOptions): DeliverPolicy {
  if (name !== undefined) return policy('deliverPolicy', name, DELIVER_POLICIES);
  if (start.startSequence !== undefined) return DeliverPolicy.StartSequence;
  const byTime = start.startTime !== undefined || start.startAtTimeDelta !== undefined;
  return byTime ? DeliverPolicy.StartTime : DeliverPolicy.All;
}

export function ackPolicy(name: string = 'explicit'): AckPolicy {
  return policy('ackPolicy', name, ACK_POLICIES);
}

export function replayPolicy(name: string = 'instant'): ReplayPolicy {
  return policy('replayPolicy', name, REPLAY_POLICIES);
}

function nanos(duration: Duration | undefined, option: string): number | undefined {
  return duration === undefined ? undefined : durationMillis(duration, option) * NANOS_PER_MILLI;
}

/** @throws InvalidOptionError (`INVALID_OPTION`) */
export function count(option: string, value: number | undefined, least = 1): number | undefined {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return value;
  throw new InvalidOptionError(option, value, `give a whole number from ${least} up`);
}

function percentage(value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= 100) return value;
  throw new InvalidOptionError('sample', value, 'give a whole percentage from 0 to 100');
}

function policy<Value>(option: string, name: string, values: Readonly<Record<string, Value>>): Value {
  const key = name.replaceAll('_', '').toLowerCase();
  const value = Object.hasOwn(values, key) ? values[key] : undefined;
  if (value !== undefined) return value;
  throw new InvalidOptionError(option, name, `give one of ${Object.values(values).join(', ')}`);
}
