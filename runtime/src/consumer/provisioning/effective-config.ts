import { AckPolicy, type ConsumerInfo } from '@nats-io/jetstream';
import { NANOS_PER_MILLI } from '../../errors/duration-text';

/**
 * Configuration of a consumer as the server applies it. A limit is `undefined` if there is none.
 */
export interface EffectiveConfig {
  readonly ackPolicy: AckPolicy;
  /**
   * Shortest time to the next redelivery: `ack_wait`, or the shortest `backoff`. Undefined with
   * `ackPolicy: 'none'`.
   */
  readonly ackWaitMs: number | undefined;
  /** Number of deliveries after which the server stops redelivering a message. */
  readonly maxDeliver: number | undefined;
  readonly maxAckPending: number | undefined;
  /** Maximum number of messages of one pull request. */
  readonly maxBatch: number | undefined;
  /**
   * Maximum `max_bytes` of one pull request. It does not limit a request without `max_bytes`.
   */
  readonly maxBytes: number | undefined;
  /** Maximum lifetime of one pull request. */
  readonly maxExpiresMs: number | undefined;
  /** Maximum number of pull requests that wait on the server, over all instances. */
  readonly maxWaiting: number | undefined;
  /** The server deletes the consumer after this time without a pull request or a subscriber. */
  readonly inactiveThresholdMs: number | undefined;
  /** False when the server delivers headers only. */
  readonly hasBodies: boolean;
  /** End of the current pause. */
  readonly pausedUntil: Date | undefined;
  /** Subject and group that a push consumer delivers to. Undefined for a pull consumer. */
  readonly pushedTo: { readonly subject: string; readonly group: string | undefined } | undefined;
}

export function effectiveConfig({ config, paused }: ConsumerInfo): EffectiveConfig {
  const { ack_policy: ackPolicy, deliver_subject: subject, deliver_group: group } = config;
  return {
    ackPolicy,
    ackWaitMs: ackPolicy === AckPolicy.None ? undefined : shortestMs([config.ack_wait, ...(config.backoff ?? [])]),
    maxDeliver: limit(config.max_deliver),
    maxAckPending: limit(config.max_ack_pending),
    maxBatch: limit(config.max_batch),
    maxBytes: limit(config.max_bytes),
    maxExpiresMs: shortestMs([config.max_expires]),
    maxWaiting: limit(config.max_waiting),
    inactiveThresholdMs: shortestMs([config.inactive_threshold]),
    hasBodies: config.headers_only !== true,
    pausedUntil: paused && config.pause_until !== undefined ? new Date(config.pause_until) : undefined,
    pushedTo: subject === undefined ? undefined : { subject, group },
  };
}

/** Returns undefined for no limit. The server writes it as 0, as -1 or not at all. */
function limit(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

function shortestMs(nanos: readonly (number | undefined)[]): number | undefined {
  const limits = nanos.map(limit).filter((value) => value !== undefined);
  return limits.length === 0 ? undefined : Math.min(...limits) / NANOS_PER_MILLI;
}
