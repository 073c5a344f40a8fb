import type { ConsumerConfig } from '@nats-io/jetstream';
import { timerMillis } from '../duration/duration';
import { InvalidOptionError } from '../errors/configuration.errors';
import { assertPublishSubject } from '../subject/subject-syntax';
import { OptionProblems } from '../errors/option-problems';
import type { ServerConsumerOptions } from './server-consumer-options';

/** How messages come: asked for, or pushed by the server to a subject. */
export type Delivery =
  | { readonly kind: 'pull' | 'ordered'; readonly heartbeatMs: number }
  | {
      readonly kind: 'push';
      readonly prefix: string | undefined;
      readonly literal: string | undefined;
      readonly group: string | undefined;
      /** Undefined for a group: the server sends each heartbeat to one of its instances only. */
      readonly heartbeatMs: number | undefined;
    };

/** Three of them are what a pull takes to notice that its leader was killed: the cluster takes longer to choose another. */
const DEFAULT_HEARTBEAT_MS = 2_000;
/** A push or ordered consumer that is gone shows by its silence alone; a pull is told. */
const DEFAULT_SILENT_HEARTBEAT_MS = 1_000;
/** A pull lives 30 s, and the server takes heartbeats of at most half of it. */
const PULL_HEARTBEAT_MS = { least: 500, most: 15_000 };
const NANOS_PER_MILLI = 1_000_000;

/** Pull, unless an option asks for push. @throws InvalidOptionError, InvalidOptionsError */
export function delivery(options: ServerConsumerOptions): Delivery {
  const { deliverTo, deliverToSubject, deliverGroup, flowControl, limit, idleHeartbeat } = options;
  const asksForPush =
    [deliverTo, deliverToSubject, deliverGroup, limit].some((value) => value !== undefined) || flowControl;
  const pushes = asksForPush && !options.orderedConsumer;
  const problems = new OptionProblems();
  const asked = problems.try(() => idleHeartbeat && timerMillis(idleHeartbeat, 'idleHeartbeat'));
  if (!pushes) {
    const heartbeatMs = asked ?? (options.orderedConsumer ? DEFAULT_SILENT_HEARTBEAT_MS : DEFAULT_HEARTBEAT_MS);
    const { least, most } = PULL_HEARTBEAT_MS;
    problems.refuse(
      heartbeatMs < least || heartbeatMs > most,
      'idleHeartbeat',
      idleHeartbeat,
      `give ${least} ms to ${most} ms for a pull consumer`,
    );
    problems.throwIfAny();
    return { kind: options.orderedConsumer ? 'ordered' : 'pull', heartbeatMs };
  }
  const { maxWaiting, maxMessages } = options;
  const pullOnly =
    "only pull consumers have it: leave it out, or the options 'deliverTo', 'deliverGroup', 'limit' and such";
  problems.refuse(maxWaiting !== undefined, 'maxWaiting', maxWaiting, pullOnly);
  problems.refuse(
    maxMessages !== undefined,
    'maxMessages',
    maxMessages,
    `${pullOnly}; maxAckPending bounds a push consumer`,
  );
  const both = deliverTo !== undefined && deliverToSubject !== undefined;
  problems.refuse(both, 'deliverTo', deliverTo, 'leave out either deliverTo, a prefix, or deliverToSubject');
  const single = flowControl === true || idleHeartbeat !== undefined;
  problems.refuse(
    single && deliverGroup !== undefined,
    'deliverGroup',
    deliverGroup,
    'a group has neither flowControl nor idleHeartbeat: leave out the group, or these',
  );
  problems.try(() => deliverTo !== undefined && assertPublishSubject(deliverTo));
  problems.try(() => deliverToSubject !== undefined && assertPublishSubject(deliverToSubject));
  problems.try(() => deliverGroup !== undefined && assertGroup(deliverGroup));
  problems.throwIfAny();
  return {
    kind: 'push',
    prefix: deliverTo,
    literal: deliverToSubject,
    group: deliverGroup,
    heartbeatMs: single ? (asked ?? DEFAULT_SILENT_HEARTBEAT_MS) : undefined,
  };
}

/** The subject and group a push consumer delivers to: the same in every instance, and another for every consumer. */
export function deliveryConfig(how: Delivery, consumer: string, inboxPrefix = '_INBOX'): Partial<ConsumerConfig> {
  if (how.kind !== 'push') return {};
  const deliver_subject = how.literal ?? `${how.prefix ?? inboxPrefix}.${consumer}`;
  if (how.heartbeatMs === undefined) return { deliver_subject, deliver_group: how.group ?? consumer };
  return { deliver_subject, idle_heartbeat: how.heartbeatMs * NANOS_PER_MILLI };
}

function assertGroup(group: string): void {
  if (typeof group === 'string' && /^[^\s.*>\p{Cc}]+$/u.test(group)) return;
  throw new InvalidOptionError('deliverGroup', group, "a group has no white space, '.', '*' or '>'");
}
