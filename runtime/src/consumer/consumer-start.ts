import { DeliverPolicy, type ConsumerConfig } from '@nats-io/jetstream';
import { durationMillis } from '../duration/duration';
import { InvalidOptionError } from '../errors/configuration.errors';
import { OptionProblems } from '../errors/option-problems';
import { count, deliverPolicy } from './server-consumer-config';
import type { ServerConsumerOptions } from './server-consumer-options';

type StartFields = Pick<ConsumerConfig, 'deliver_policy' | 'opt_start_seq' | 'opt_start_time'>;

/** Where a consumer begins in its stream. */
export interface ConsumerStart {
  /** The declaration as text: what is compared with a consumer that exists, since a time that is relative moves at each start. */
  readonly key: string;
  /** The fields to create a consumer with, now. */
  fields(): Partial<StartFields>;
}

/** @throws InvalidOptionError (`INVALID_OPTION`), InvalidOptionsError (`INVALID_OPTIONS`) */
export function consumerStart(options: ServerConsumerOptions): ConsumerStart {
  const { startSequence, startTime, startAtTimeDelta } = options;
  const policy = deliverPolicy(options);
  const problems = new OptionProblems();
  const bySequence = policy === DeliverPolicy.StartSequence;
  const byTime = policy === DeliverPolicy.StartTime;
  problems.refuse(
    startSequence !== undefined && !bySequence,
    'startSequence',
    startSequence,
    `deliverPolicy '${policy}' does not begin at a sequence: leave one of them out`,
  );
  problems.refuse(
    bySequence && startSequence === undefined,
    'deliverPolicy',
    policy,
    'give startSequence, where to begin',
  );
  problems.refuse(
    startTime !== undefined && startAtTimeDelta !== undefined,
    'startTime',
    startTime,
    'leave out either startTime or startAtTimeDelta',
  );
  problems.refuse(
    (startTime ?? startAtTimeDelta) !== undefined && !byTime,
    startTime ? 'startTime' : 'startAtTimeDelta',
    startTime ?? startAtTimeDelta,
    `deliverPolicy '${policy}' does not begin at a time: leave one of them out`,
  );
  problems.refuse(
    byTime && startTime === undefined && startAtTimeDelta === undefined,
    'deliverPolicy',
    policy,
    'give startTime or startAtTimeDelta, where to begin',
  );
  problems.try(() => count('startSequence', startSequence));
  problems.try(() => startTime && assertDate(startTime));
  const deltaMs = problems.try(() => startAtTimeDelta && durationMillis(startAtTimeDelta, 'startAtTimeDelta'));
  problems.throwIfAny();
  if (startSequence !== undefined) {
    return {
      key: `${policy} ${startSequence}`,
      fields: () => ({ deliver_policy: policy, opt_start_seq: startSequence }),
    };
  }
  if (!byTime) return { key: policy, fields: () => ({ deliver_policy: policy }) };
  const at = (): string => (startTime ?? new Date(Date.now() - (deltaMs ?? 0))).toISOString();
  return {
    key: `${policy} ${startTime ? at() : `-${deltaMs}ms`}`,
    fields: () => ({ deliver_policy: policy, opt_start_time: at() }),
  };
}

function assertDate(startTime: Date): void {
  if (startTime instanceof Date && !Number.isNaN(startTime.getTime())) return;
  throw new InvalidOptionError('startTime', startTime, 'give a valid Date');
}
