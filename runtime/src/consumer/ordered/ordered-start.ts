import { DeliverPolicy, type Consumer, type OrderedConsumerOptions } from '@nats-io/jetstream';
import type { OpenSession } from '../../session/jetstream-session';
import type { ConsumerDefinition } from '../consumer-definition';

/**
 * Returns the first sequence of an ordered consumer. It is read from a temporary consumer. nats.js
 * recreates an ordered consumer after the last message that it received. Without such a message, it
 * would start at the beginning of the stream, and with a start time the server would refuse it.
 * Resolves to undefined for `LastPerSubject`, because it has no single start sequence.
 */
export async function firstSequence(
  { client }: OpenSession,
  stream: string,
  definition: ConsumerDefinition,
): Promise<number | undefined> {
  const start = definition.settings.start.fields();
  if (start.deliver_policy === DeliverPolicy.LastPerSubject) return undefined;
  const probe = await client.consumers.get(stream, { ...common(definition), ...start });
  const { delivered } = await probe.info(true);
  await probe.delete();
  return delivered.stream_seq + 1;
}

/** Creates a nats.js ordered consumer at `next`, or at the declared start if it is undefined. */
export function openOrdered(
  { client }: OpenSession,
  stream: string,
  definition: ConsumerDefinition,
  next: number | undefined,
): Promise<Consumer> {
  const start =
    next === undefined
      ? definition.settings.start.fields()
      : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: next };
  return client.consumers.get(stream, { ...common(definition), ...start });
}

function common({ subjects, settings }: ConsumerDefinition): Partial<OrderedConsumerOptions> {
  return {
    filter_subjects: [...subjects],
    replay_policy: settings.replayPolicy,
    headers_only: settings.serverConfig.headers_only === true,
  };
}
