import type { JetStreamSession, OpenSession } from '../../session/jetstream-session';
import type { ConsumerDefinition } from '../consumer-definition';
import type { InFlight } from '../in-flight';
import type { BoundConsumer } from '../provisioning/bound-consumer';
import type { MessageListener, MessageSource } from './message-source';
import { PinnedSource } from './pinned-source';
import { PullSource } from './pull-source';
import { PushSource } from './push-source';

export interface SourceOptions {
  readonly definition: ConsumerDefinition;
  readonly session: JetStreamSession;
  readonly open: OpenSession;
  readonly bound: BoundConsumer;
  readonly inFlight: InFlight;
}

/** Creates the source of a bound consumer: pulled, pushed, or pulled by one pinned instance. */
export function createSource(
  { definition, session, open, bound, inFlight }: SourceOptions,
  listener: MessageListener,
): MessageSource {
  const { settings, durable } = definition;
  const { connection, manager } = open;
  const { prefetch, prefetchOfFast, concurrency, batch, delivery, pinned } = settings;
  if (delivery.kind === 'push') {
    const target = () => bound.effective.pushedTo ?? { subject: '', group: undefined };
    return new PushSource({ connection, prefetch, inFlight, heartbeatMs: delivery.heartbeatMs, target }, listener);
  }
  const pull = {
    connection,
    inFlight,
    // With only one delivery, a crash dead-letters every message of the process.
    prefetch: { least: prefetch, most: bound.maxDeliver === 1 ? prefetch : prefetchOfFast },
    slots: concurrency * (batch?.size ?? 1),
    heartbeatMs: delivery.heartbeatMs,
    subject: `${open.apiPrefix}.CONSUMER.MSG.NEXT.${bound.stream}.${durable}`,
    createInbox: () => session.connection.createInbox(),
    limits: () => bound.effective,
  };
  if (!pinned) return new PullSource(pull, listener);
  const info = () => bound.look();
  return new PinnedSource({ ...pull, manager, stream: bound.stream, definition, pinned, inFlight, info }, listener);
}
