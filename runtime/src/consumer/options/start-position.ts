import { DeliverPolicy, type ConsumerConfig } from '@nats-io/jetstream';

type StartFields = Pick<ConsumerConfig, 'deliver_policy' | 'opt_start_seq' | 'opt_start_time'>;

/** Start position of a new consumer. */
export interface ConsumerStart {
  /**
   * The declaration as text. It is compared with that of an existing consumer, because a relative
   * time resolves to another value at each start.
   */
  readonly key: string;
  /** Returns the fields for a consumer that is created now. */
  fields(): Partial<StartFields>;
}

/** Start options, parsed. */
export interface StartOptions {
  readonly deliverPolicy?: DeliverPolicy;
  readonly startSequence?: number;
  readonly startTime?: Date;
  readonly startAtTimeDelta?: number;
}

export function consumerStart({
  deliverPolicy,
  startSequence,
  startTime,
  startAtTimeDelta,
}: StartOptions): ConsumerStart {
  if (startSequence !== undefined) {
    const policy = DeliverPolicy.StartSequence;
    return {
      key: `${policy} ${startSequence}`,
      fields: () => ({ deliver_policy: policy, opt_start_seq: startSequence }),
    };
  }
  if (startTime === undefined && startAtTimeDelta === undefined) {
    const policy = deliverPolicy ?? DeliverPolicy.All;
    return { key: policy, fields: () => ({ deliver_policy: policy }) };
  }
  const policy = DeliverPolicy.StartTime;
  const at = (): string => (startTime ?? new Date(Date.now() - (startAtTimeDelta ?? 0))).toISOString();
  return {
    key: `${policy} ${startTime ? at() : `-${startAtTimeDelta}ms`}`,
    fields: () => ({ deliver_policy: policy, opt_start_time: at() }),
  };
}
