import type { EventArgument, SubjectArgument } from '@nest-jetstream/transport';
import type { PoolClient } from 'pg';

/** Adds an event to the outbox in the transaction `tx`. The relay publishes it after the commit. */
export async function addToOutbox<Subject extends string>(
  tx: PoolClient,
  subject: SubjectArgument<Subject>,
  event: EventArgument<Subject>,
): Promise<void> {
  await tx.query('INSERT INTO outbox (subject, event) VALUES ($1, $2)', [subject, JSON.stringify(event)]);
}
