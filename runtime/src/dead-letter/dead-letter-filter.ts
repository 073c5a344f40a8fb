import { InvalidOptionError } from '../errors/configuration.errors';
import { assertSubjectPattern } from '../subject/subject-syntax';
import { subjectMatches } from '../subject/subject-match';
import type { DeadLetterEntry } from './dead-letter-entry';
import { reasonGroup } from './reason-group';

/** Conditions for dead letters of a stream. A dead letter must meet all of them. */
export interface DeadLetterFilter {
  /** Consumer that dead-lettered the message. */
  readonly durable?: string | undefined;
  /** Original subject, which may have wildcards. */
  readonly subject?: string | undefined;
  /** Part of the reason, such as a class or a text. `*` is any text. Upper case is ignored. */
  readonly reason?: string | undefined;
  /** Reason of a group of `listDeadLetters`. */
  readonly reasonGroup?: string | undefined;
  /** Earliest time of the dead letter: a date or an ISO string. */
  readonly since?: Date | string | undefined;
  /** Time that the dead letter must be older than: a date or an ISO string. */
  readonly before?: Date | string | undefined;
  /** Sequences of the messages in their stream. */
  readonly sequences?: readonly number[] | undefined;
  /** Sequences in the dead-letter stream. */
  readonly deadLetterSequences?: readonly number[] | undefined;
}

/**
 * Returns the check of a filter.
 * @throws InvalidOptionError (`INVALID_OPTION`), InvalidSubjectError (`INVALID_SUBJECT`)
 */
export function deadLetterMatcher(filter: DeadLetterFilter): (entry: DeadLetterEntry) => boolean {
  const { durable, subject, reason, reasonGroup: group } = filter;
  if (subject !== undefined) assertSubjectPattern(subject);
  // Every reason contains an empty text, such as that of a variable of a shell that is not set.
  if (reason === '') throw new InvalidOptionError('reason', reason, 'pass a part of the reason, or omit it');
  const since = timeOf('since', filter.since);
  const before = timeOf('before', filter.before);
  const sequences = filter.sequences && new Set(filter.sequences);
  const deadLetterSequences = filter.deadLetterSequences && new Set(filter.deadLetterSequences);
  const contains = reason === undefined ? undefined : containing(reason);
  return (entry) => {
    const time = Date.parse(entry.deadLetteredAt);
    return (
      (durable === undefined || entry.durable === durable) &&
      (deadLetterSequences === undefined || deadLetterSequences.has(entry.deadLetterSequence)) &&
      (sequences === undefined || sequences.has(entry.sequence)) &&
      (since === undefined || time >= since) &&
      (before === undefined || time < before) &&
      (subject === undefined || subjectMatches(entry.subject, subject)) &&
      (group === undefined || reasonGroup(entry.reason) === group) &&
      (contains === undefined || contains(entry.reason))
    );
  };
}

function timeOf(option: string, value: Date | string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const time = new Date(value).getTime();
  if (Number.isNaN(time))
    throw new InvalidOptionError(option, value, 'pass a date, or a string such as 2026-01-31T12:00Z');
  return time;
}

/**
 * Returns a check for a text with wildcards. It looks for the parts one after another, because a
 * regular expression with many wildcards may need very long for a text.
 */
function containing(wanted: string): (text: string) => boolean {
  const parts = wanted.toLowerCase().split(/[*…]/);
  return (text) => {
    const lower = text.toLowerCase();
    let from = 0;
    return parts.every((part) => {
      const at = lower.indexOf(part, from);
      from = at + part.length;
      return at >= 0;
    });
  };
}
