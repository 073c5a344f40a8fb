import { headers } from '@nats-io/transport-node';
import { sizedDeadLetter, deadLetterSubject, type DeadLetter } from '../../runtime/src/message/dead-letter';
import type { JetStreamProbe } from './jetstream-probe';

/** Number of publishes with one answer. The server drops publishes if thousands wait. */
const BATCH = 500;

/** Creates a stream of orders and its dead-letter stream. */
export async function addDeadLetterStream({ manager }: JetStreamProbe, stream: string, subject = 'order.>') {
  await manager.streams.add({ name: stream, subjects: [subject] });
  await manager.streams.add({ name: `${stream}_DEAD`, subjects: [`dead.${stream}.>`] });
}

/** Stores dead letters as the transport does, without a service. The sequence counts from 1. */
export async function storeDeadLetters(
  { client, connection }: JetStreamProbe,
  stream: string,
  letters: readonly (Partial<DeadLetter> | undefined)[],
): Promise<void> {
  for (const [index, letter] of letters.entries()) {
    const sequence = index + 1;
    const deadLetter: DeadLetter = {
      stream,
      consumer: 'billing',
      subject: 'order.created',
      sequence,
      deliveries: 5,
      storedAt: new Date('2026-01-31T12:00:00.000Z'),
      data: new TextEncoder().encode('{"id":7}'),
      headers: headers(),
      redrives: 0,
      firstReason: undefined,
      failure: new Error(`no card for order ${sequence}`),
      ...letter,
    };
    const { data, headers: header } = sizedDeadLetter(deadLetter, Number.POSITIVE_INFINITY);
    const isLast = sequence === letters.length || sequence % BATCH === 0;
    if (isLast) await client.publish(deadLetterSubject(deadLetter), data, { headers: header, timeout: 20_000 });
    else connection.publish(deadLetterSubject(deadLetter), data, { headers: header });
  }
}
