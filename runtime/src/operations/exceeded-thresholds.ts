import type { ConsumerInfo, StreamInfo } from '@nats-io/jetstream';
import { NANOS_PER_MILLI } from '../errors/duration-text';
import type { ConsumerMonitor } from '../consumer/options/consumer-options';
import { consumerThresholds } from '../consumer/options/consumer-monitor';
import { streamThresholds } from '../stream/stream-monitor';
import type { StreamMonitor } from '../stream/stream-options';
import { lastActiveAt } from './inventory';
import { ageText, countText } from './text-table';

/** Value that passes a threshold of the option `monitor`. */
export interface ExceededThreshold {
  readonly stream: string;
  /** Undefined for a threshold of the stream. */
  readonly consumer: string | undefined;
  readonly severity: 'warning' | 'critical';
  /** Name of the threshold in the option `monitor`. */
  readonly threshold: string;
  /** The present value in words, such as `1,204 messages are not delivered`. */
  readonly finding: string;
  /** The threshold in words, such as `1,000` or `5m`. */
  readonly limit: string;
}

/** Returns a finding if a value passes its threshold. Durations are in milliseconds. */
type Check<Info> = (info: Info, limit: number) => string | undefined;

const CONSUMER_CHECKS: Readonly<Record<keyof ConsumerMonitor, Check<ConsumerInfo>>> = {
  outstandingAck: ({ num_ack_pending: count }, limit) => above(count, limit, 'messages are not acknowledged'),
  waiting: ({ num_waiting: count }, limit) => above(count, limit, 'pull requests wait'),
  unprocessed: ({ num_pending: count }, limit) => above(count, limit, 'messages are not delivered'),
  redelivery: ({ num_redelivered: count }, limit) => above(count, limit, 'messages were delivered again'),
  lastDelivery: ({ delivered, ts }, limit) => since('delivery', lastActiveAt(delivered), ts, limit),
  lastAck: ({ ack_floor, ts }, limit) => since('acknowledgement', lastActiveAt(ack_floor), ts, limit),
};

const STREAM_CHECKS: Readonly<Record<keyof StreamMonitor, Check<StreamInfo>>> = {
  lag: (info, limit) => someOf(originsOf(info), 'sources are behind', ({ lag }) => lag >= limit),
  seen: (info, limit) => someOf(originsOf(info), 'sources are inactive', ({ active }) => millis(active) >= limit),
  minSources: ({ sources = [] }, limit) => when(sources.length < limit, `${sources.length} sources exist`),
  maxSources: ({ sources = [] }, limit) => when(sources.length > limit, `${sources.length} sources exist`),
  peerExpect: (info, limit) => when(peersOf(info) !== limit, `servers that store it: ${peersOf(info)}`),
  peerLag: ({ cluster }, limit) => someOf(cluster?.replicas, 'replicas are behind', ({ lag }) => lag > limit),
  peerSeen: ({ cluster }, limit) =>
    someOf(cluster?.replicas, 'replicas are inactive', ({ active }) => millis(active) > limit),
  msgsWarn: ({ state }, limit) => below(state.messages, limit, 'messages are stored'),
  msgsCritical: ({ state }, limit) => below(state.messages, limit, 'messages are stored'),
  subjectsWarn: subjects,
  subjectsCritical: subjects,
};

/** Returns the thresholds of a consumer that its state passes, as `nats server check` does. */
export function exceededByConsumer(info: ConsumerInfo): ExceededThreshold[] {
  const { stream_name: stream, name: consumer, config } = info;
  const found = Object.entries(consumerThresholds(config.metadata)).map(([threshold, limit]) => {
    const finding = CONSUMER_CHECKS[threshold as keyof ConsumerMonitor](info, limit);
    const isTime = threshold.startsWith('last');
    return finding === undefined
      ? []
      : [{ stream, consumer, severity: 'critical' as const, threshold, finding, limit: limitText(limit, isTime) }];
  });
  return found.flat();
}

/** Returns the thresholds of a stream that its state passes, as `nats server check` does. */
export function exceededByStream(info: StreamInfo): ExceededThreshold[] {
  const { name: stream } = info.config;
  const found = Object.entries(streamThresholds(info.config.metadata)).map(([threshold, limit]) => {
    const finding = STREAM_CHECKS[threshold as keyof StreamMonitor](info, limit);
    const severity = threshold.endsWith('Warn') ? ('warning' as const) : ('critical' as const);
    const isTime = threshold.toLowerCase().endsWith('seen');
    return finding === undefined
      ? []
      : [{ stream, consumer: undefined, severity, threshold, finding, limit: limitText(limit, isTime) }];
  });
  return found.flat();
}

/** Compares with lower numbers if the critical number is the lower one. */
function subjects({ config, state }: StreamInfo, limit: number): string | undefined {
  const { subjectsWarn: warn, subjectsCritical: critical } = streamThresholds(config.metadata);
  const isLower = warn !== undefined && critical !== undefined && critical <= warn;
  return (isLower ? below : above)(state.num_subjects ?? 0, limit, 'subjects are stored');
}

function above(count: number, limit: number, finding: string): string | undefined {
  return when(count >= limit, `${countText(count)} ${finding}`);
}

function below(count: number, limit: number, finding: string): string | undefined {
  return when(count <= limit, `${countText(count)} ${finding}`);
}

function since(event: string, last: string | undefined, now: string | undefined, limitMs: number): string | undefined {
  if (last === undefined) return `no ${event} yet`;
  const sinceMs = (now === undefined ? Date.now() : Date.parse(now)) - Date.parse(last);
  return when(sinceMs >= limitMs, `last ${event} ${ageText(sinceMs / 1_000)} ago`);
}

function someOf<Item>(
  items: readonly Item[] = [],
  finding: string,
  isFound: (item: Item) => boolean,
): string | undefined {
  const count = items.filter(isFound).length;
  return when(count > 0, `${count} of ${items.length} ${finding}`);
}

function originsOf({ mirror, sources = [] }: StreamInfo): readonly { readonly lag: number; readonly active: number }[] {
  return mirror ? [mirror, ...sources] : sources;
}

function peersOf({ cluster }: StreamInfo): number {
  return cluster ? (cluster.replicas?.length ?? 0) + (cluster.leader ? 1 : 0) : 1;
}

function when(isPassed: boolean, finding: string): string | undefined {
  return isPassed ? finding : undefined;
}

function millis(nanos: number): number {
  return nanos / NANOS_PER_MILLI;
}

function limitText(limit: number, isTime: boolean): string {
  return isTime ? ageText(limit / 1_000) : countText(limit);
}
