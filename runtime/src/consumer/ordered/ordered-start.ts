import { DeliverPolicy, type Consumer, type OrderedConsumerOptions } from '@nats-io/jetstream';
import type { OpenSession } from '../../session/jetstream-session';
import type { ConsumerDefinition } from '../consumer-definition';

/**
 * The sequence that an ordered consumer begins at, asked of the server by a consumer that is
 * deleted again. nats.js makes a consumer anew at what it saw last; where that is nothing yet, it
 * would begin at the start of the stream, and with a start time be refused. Undefined for the last
 * message of each subject, which no sequence can say.
 */
export async function firstSequence(
  { client }: OpenSession,
  stream: string,
  definition: ConsumerDefinition,
): Promise<number | undefined> {
  const start = definition.settings.start.fields();
  if (start.deliver_policy === DeliverPolicy.LastPerSubject) return undefined;
  const scout = await client.consumers.get(stream, { ...common(definition), ...start });
  const { delivered } = await scout.info(true);
  await scout.delete();
  return delivered.stream_seq + 1;
}

/** A new nats.js ordered consumer; at the declared start when `next` is undefined. */
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
