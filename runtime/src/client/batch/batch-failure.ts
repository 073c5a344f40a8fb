import { JetStreamApiError } from '@nats-io/jetstream';
import { BatchAcrossStreamsError, BatchConflictError, BatchNotAllowedError } from '../../errors/batch.errors';
import type { OpenSession } from '../../session/jetstream-session';
import { resultWithin, streamOf, toPublishError, type PublishAttempt } from '../publish-failure';

/** Details of the refused event of a batch for its error. */
export interface BatchAttempt extends PublishAttempt {
  /** Subject of the first event. Undefined if that event was refused. */
  readonly first: string | undefined;
}

/** The stream does not allow batches. */
const NOT_ALLOWED = 10_174;
/**
 * Some events of the batch belong to another stream, or were lost with a connection or a leader.
 */
export const INCOMPLETE = 10_176;
/** A message id of the batch is stored already. */
export const DUPLICATE_ID = 10_201;
/** The stream or the server has too many open batches. */
export const TOO_MANY = 10_210;
/** Maximum number of subjects of a batch to look up. */
const MOST_LOOKUPS = 20;

/** Returns the typed error for the refusal of a batch. */
export async function toBatchError(failure: unknown, open: OpenSession, attempt: BatchAttempt): Promise<unknown> {
  const { first, subject, messageId } = attempt;
  if (failure instanceof JetStreamApiError) {
    if (failure.code === DUPLICATE_ID) return new BatchConflictError(subject, messageId, failure);
    if (failure.code === NOT_ALLOWED)
      // The stream of the first event accepted that event.
      return first === undefined
        ? new BatchNotAllowedError(subject, failure)
        : new BatchAcrossStreamsError([{ subject: first }, { subject }], failure);
  }
  return toPublishError(failure, open, attempt);
}

/**
 * Returns an error if several streams store the events. Undefined if one stream does, or if the
 * server does not answer.
 */
export async function acrossStreams(
  open: OpenSession,
  events: readonly { readonly subject: string }[],
  timeoutMs: number,
  cause: unknown,
): Promise<BatchAcrossStreamsError | undefined> {
  const subjects = [...new Set(events.map(({ subject }) => subject))].slice(0, MOST_LOOKUPS);
  if (subjects.length === 1) return undefined;
  const found = subjects.map(async (subject) => ({
    subject,
    stream: await resultWithin(streamOf(open, subject), timeoutMs),
  }));
  const [first, ...others] = (await Promise.all(found)).filter(({ stream }) => stream !== undefined);
  const other = others.find(({ stream }) => stream !== first?.stream);
  return first && other ? new BatchAcrossStreamsError([first, other], cause) : undefined;
}
