import { assertDurableName } from '../util/names';
import { InvalidOptionError } from '../errors/configuration.errors';
import { assertStreamName } from '../stream/define-stream';
import { assertSubjectPattern } from '../subject/subject-syntax';

/** Refuses invalid names, because they would address another API subject, which never answers. */
export function assertNames(stream: string, durable?: string): void {
  assertStreamName(stream);
  if (durable !== undefined) assertDurableName(durable);
}

export function assertSequence(sequence: number, option = 'sequence'): void {
  if (!Number.isSafeInteger(sequence) || sequence < 1)
    throw new InvalidOptionError(option, sequence, 'pass the sequence of a message, from 1 up');
}

/**
 * Refuses an invalid filter and, without `everything`, one that matches all subjects. The server
 * empties the whole stream for an empty filter, and answers "0 purged" if nothing matches.
 */
export function assertPurgeSubject(subject: string, everything: boolean): void {
  assertSubjectPattern(subject);
  if (everything || !subject.split('.').every((token) => token === '*' || token === '>')) return;
  throw new InvalidOptionError(
    'subject',
    subject,
    'it matches every subject, so the stream could be emptied. Add { everything: true } to do that',
  );
}

export function assertFuture(until: Date): void {
  if (until instanceof Date && until.getTime() > Date.now()) return;
  throw new InvalidOptionError('until', until, 'pass a date in the future');
}

export function assertServiceId(serviceId: string): void {
  if (typeof serviceId === 'string' && serviceId !== '') return;
  throw new InvalidOptionError('serviceId', serviceId, "pass the 'id' of the service that takes over the durable");
}

/** Refuses an unknown receiver, which would otherwise be ignored. */
export function assertRedriveTarget(to: string): void {
  if (to === 'consumer' || to === 'subject') return;
  throw new InvalidOptionError('to', to, "pass 'consumer' or 'subject'");
}
